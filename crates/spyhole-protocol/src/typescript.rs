//! Generates the dashboard's types and checks that the committed file is up to date.

use std::path::PathBuf;

use ts_rs::{Config, TS};

use crate::*;

fn generate() -> String {
    let config = Config::default();
    let mut out = String::from(
        "// Generated from crates/spyhole-protocol by `cargo test -p spyhole-protocol`. Do not edit.\n\n",
    );
    out += &format!("export const VERSION = {VERSION};\n");
    out += &format!("export const BULK_KINDS = {BULK_KINDS:?} as const;\n");
    out += "\n/** How a layer stands: its name for the screen, and what it means. */\n";
    out += "export const LAYER_STATES: { [state in LayerState]: { name: string; meaning: string } } = {\n";
    for state in LayerState::ALL {
        let word = serde_json::to_value(state).expect("a word");
        let word = word.as_str().expect("a string");
        out +=
            &format!("  {word}: {{ name: {:?}, meaning: {:?} }},\n", state.name(), state.meaning());
    }
    out += "};\n";
    macro_rules! declare {
        ($($kind:ty),* $(,)?) => { $(
            out += &format!("\nexport {}\n", <$kind as TS>::decl(&config));
        )* };
    }
    declare!(
        ServerMessage,
        Snapshot,
        ClientMessage,
        Answer,
        Hello,
        RunList,
        RunSummary,
        Branch,
        RecordPage,
        Report,
        Record,
        Event,
        RunStarted,
        Output,
        OutputMeaning,
        Layer,
        LayerStatus,
        ReceptiveField,
        FieldStatus,
        Probe,
        NotStudied,
        Metric,
        Split,
        LayerFeatures,
        UnitView,
        LayerFilters,
        FilterPicture,
        FilterReadings,
        FilterState,
        SmoothnessTest,
        LayerHealth,
        NetworkHealth,
        Place,
        PlaceKind,
        LayerDistributions,
        Watchlist,
        Statistic,
        Subject,
        Scale,
        NullBand,
        AlertRule,
        Compare,
        AlertLevel,
        Alert,
        AlertState,
        Silence,
        StopAsked,
        Severity,
        LayerEvolution,
        EpochSimilarity,
        Settling,
        LayerSettling,
        LayerState,
        RankCorrelation,
        Study,
        StudySubject,
        Occasion,
        StudyProgress,
        DocumentId,
        Document,
        ActivationSheet,
        MapView,
        UnitSheet,
        SearchedImages,
        UnitTops,
        UnitHit,
        MapReadings,
        DirectionSheet,
        Basis,
        BasisSheet,
        DirectionView,
        DirectionHit,
        SynthesisSheet,
        SyntheticView,
        EmbeddingSheet,
        NeighbourAgreement,
        OcclusionSettings,
        Fill,
        OcclusionSheet,
        OccludedPrediction,
        OccludedQuantity,
        FillAgreement,
        OccludedLayer,
        OcclusionAgreement,
        EpochAnalysed,
        Analysis,
        AnalysisPart,
        SnapshotDropped,
        Fault,
        RunEnded,
        RunOutcome,
        Status,
        RunState,
        BudgetStatus,
        Clock,
        PlannedAnalysis,
        Atlas,
        Original,
        ImageId,
        Region,
    );
    out
}

#[test]
fn the_committed_typescript_is_up_to_date() {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../dashboard/src/generated/protocol.ts");
    let fresh = generate();
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("SPYHOLE_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a file in a folder")).expect("make folder");
        std::fs::write(&path, &fresh).expect("write the types");
    } else {
        assert_eq!(committed, fresh, "run `SPYHOLE_UPDATE=1 cargo test -p spyhole-protocol`");
    }
}
