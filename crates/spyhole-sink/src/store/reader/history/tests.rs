use std::time::Duration;

use rusqlite::Connection;

use super::*;
use crate::store::{STORE_FILE, Writer};

/// How SQLite would answer.
fn plan(connection: &Connection, statement: &str) -> Vec<String> {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
    let parameters = explain.parameter_count();
    let values = ["[]", "1", "2", "x"];
    let rows = explain
        .query_map(rusqlite::params_from_iter(values.iter().take(parameters)), |row| row.get(3))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn no_question_reads_the_bodies_of_the_records() {
    let dir = tempfile::tempdir().unwrap();
    drop(Writer::open(dir.path(), Duration::from_secs(1)).unwrap());
    let connection = Connection::open(dir.path().join(STORE_FILE)).unwrap();
    let check = |statement: &str, index: &str| {
        let plan = plan(&connection, statement);
        let of_records: Vec<_> = plan
            .iter()
            .filter(|step| step.starts_with("SEARCH records") || step.starts_with("SCAN records"))
            .collect();
        assert!(!of_records.is_empty(), "{plan:?}");
        for step in of_records {
            assert!(step.starts_with("SEARCH records USING COVERING INDEX"), "{plan:?}");
            assert!(index.is_empty() || step.contains(index), "{plan:?}");
        }
    };
    check(OTHERS, "");
    check(OF_KINDS, "");
    check(NEWEST, "records_by_kind_and_layer");
    check(OF_KIND_BEFORE, "");
    check(OF_LAYER_BEFORE, "records_by_kind_and_layer (kind=? AND layer=? AND rowid<?)");
    // With a layer, the newest are read first and nothing is sorted.
    let sorts = |statement| plan(&connection, statement).iter().any(|it| it.contains("B-TREE"));
    assert!(!sorts(OF_LAYER_BEFORE));
}
