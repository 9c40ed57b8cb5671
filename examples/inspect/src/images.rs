//! Images to look with.

use datasets::{DataError, DataSet, Source, folder};

/// Loads images: those of a data set that were held out, or all that lie in a folder.
pub fn load(source: &Source, side: usize) -> Result<DataSet, DataError> {
    let Source::Folder(path) = source else { return datasets::load(source, 1) };
    match folder::load(path, side, 1) {
        // Not sorted into classes, or one class only.
        Err(DataError::NoClasses { .. } | DataError::OneClass { .. }) => {
            folder::unlabelled(path, side)
        }
        loaded => loaded,
    }
}

/// The mean of the colour channels.
pub fn in_grey(mut data: DataSet) -> DataSet {
    let channels = data.shape[0];
    let mean = |values: &[f32], plane: usize| -> Vec<f32> {
        let sum = |at: usize| values.iter().skip(at).step_by(plane).sum::<f32>();
        (0..plane).map(|at| sum(at) / channels as f32).collect()
    };
    let plane = data.shape[1] * data.shape[2];
    for picture in data.train.iter_mut().chain(&mut data.valid) {
        picture.pixels = mean(&picture.pixels, plane);
    }
    (data.mean, data.deviation) = (mean(&data.mean, 1), mean(&data.deviation, 1));
    data.shape[0] = 1;
    data
}
