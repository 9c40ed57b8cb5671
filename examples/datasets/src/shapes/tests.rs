use super::*;

#[test]
fn pictures_are_standardised_and_balanced() {
    let set = draw(400, 80, 1);
    assert_eq!((set.train.len(), set.valid.len(), set.shape), (400, 80, [3, 32, 32]));
    for (part, each) in [(&set.train, 50), (&set.valid, 10)] {
        for label in 0..8 {
            assert_eq!(part.iter().filter(|picture| picture.label == label).count(), each);
        }
    }
    let values: Vec<f64> =
        set.train.iter().flat_map(|picture| set.normalised(picture)).map(f64::from).collect();
    let average =
        |of: fn(f64) -> f64| values.iter().map(|&x| of(x)).sum::<f64>() / values.len() as f64;
    assert!(average(|x| x).abs() < 1e-5);
    assert!((average(|x| x * x) - 1.0).abs() < 1e-5);
    let outside = average(|x| f64::from(x.abs() > 4.0));
    assert!(outside < 0.01, "{outside} of the values cannot be shown");
}

#[test]
fn the_seed_decides_the_pictures() {
    assert_eq!(draw(16, 8, 3), draw(16, 8, 3));
    assert_ne!(draw(16, 8, 3).train, draw(16, 8, 4).train);
}

#[test]
fn no_pictures_are_no_trouble() {
    assert_eq!(draw(0, 0, 1).train, []);
}
