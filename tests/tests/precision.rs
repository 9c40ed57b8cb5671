//! A program whose device makes numbers of another precision. That is a setting of the whole process, so this file
//! holds one test.

use burn::prelude::*;
use burn::tensor::FloatDType;
use end_to_end::data::images;
use spyhole::{ProbeSet, Spyhole};

#[test]
fn another_precision_is_named_at_the_start() {
    Device::flex().configure(FloatDType::F16).unwrap();
    let probe = ProbeSet::new(images(2));
    let temp = tempfile::tempdir().unwrap();
    let refused = Spyhole::builder(temp.path(), probe).no_dashboard().build().unwrap_err();
    let expected = "the device CPU is configured for f16 numbers";
    assert!(refused.to_string().starts_with(expected), "{refused}");
}
