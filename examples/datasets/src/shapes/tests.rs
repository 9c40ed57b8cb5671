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

/// Within a disc neighbouring pixels differ by the pixel noise alone: by a normal of deviation .1·√2, the
/// median of whose absolute value is .095. With the background shining through it would be about .3.
#[test]
fn figures_hide_the_background() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut noise = PinkNoise::new(SIDE, SIDE);
    let mut differences: Vec<f32> = (0..400)
        .map(|_| picture(0, &mut noise, &mut random).pixels)
        .map(|pixels| (pixels[15 * SIDE + 15] - pixels[15 * SIDE + 16]).abs())
        .collect();
    differences.sort_by(f32::total_cmp);
    let median = differences[200];
    assert!((0.07..0.12).contains(&median), "{median}");
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
