//! Small image data sets for spyhole's examples, tests and experiments.
//!
//! | source | pictures | kept where |
//! |---|---|---|
//! | [`digits`] | 1,797 handwritten digits, grey, 16×16 | in the program |
//! | [`shapes`] | 4,800 drawn figures in 8 classes, RGB, 32×32 | drawn on request |
//! | [`cifar`] | CIFAR-10, RGB, 32×32 | a folder with its binary files |
//! | [`folder`] | the user's own photographs, RGB, 64×64 | class sub-folders of a folder |
//!
//! Whatever the source, [`load`] gives the same [`DataSet`], and the same seed gives the same one.

pub mod cifar;
pub mod digits;
mod error;
pub mod folder;
mod pink_noise;
pub mod sample_folder;
pub mod shapes;
mod source;
mod split;
mod statistics;

pub use error::DataError;
pub use source::Source;

/// One picture and its class.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// `[channels, height, width]`, row-major. Made for showing: 0 is black and 1 is white (for the
    /// digits 0 is paper and 1 is ink). The shapes may pass both ends a little; a viewer clamps, a
    /// network does not care.
    pub pixels: Vec<f32>,
    /// Index into [`DataSet::class_names`].
    pub label: usize,
}

/// Pictures to train on, pictures to validate with, and what is needed to normalise them.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSet {
    /// What to call it: `digits`, `shapes` or the folder's name.
    pub name: String,
    /// `[channels, height, width]` of every picture.
    pub shape: [usize; 3],
    /// One name per class; a picture's label is an index into it.
    pub class_names: Vec<String>,
    /// Pictures to train on.
    pub train: Vec<Picture>,
    /// Pictures held out.
    pub valid: Vec<Picture>,
    /// Mean of each channel over the training pictures. For the shapes the constant that undoes their
    /// display mapping, see [`shapes`].
    pub mean: Vec<f32>,
    /// Standard deviation of each channel over the training pictures, never 0. For the shapes again the
    /// constant that undoes their display mapping.
    pub deviation: Vec<f32>,
    /// What was left out and why, in plain words, one sentence each. Empty when all is well.
    pub warnings: Vec<String>,
}

impl DataSet {
    /// The picture as a network wants it, `[channels, height, width]`: (pixel − mean) / deviation,
    /// channel by channel.
    pub fn normalised(&self, picture: &Picture) -> Vec<f32> {
        let area = self.shape[1] * self.shape[2];
        let scales = self.mean.iter().zip(&self.deviation);
        let channels = picture.pixels.chunks(area.max(1)).zip(scales);
        channels.flat_map(|(plane, (m, d))| plane.iter().map(move |p| (p - m) / d)).collect()
    }
}

/// Loads a data set with its default size; the functions of the same names in [`digits`], [`shapes`],
/// [`cifar`] and [`folder`] offer more choice. `seed` decides the split into training and validation pictures and, for
/// the shapes, the pictures themselves.
///
/// ```
/// let digits = datasets::load(&"digits".parse()?, 1)?;
/// assert_eq!(digits.shape, [1, 16, 16]);
/// assert_eq!(digits.class_names.len(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn load(source: &Source, seed: u64) -> Result<DataSet, DataError> {
    match source {
        Source::Digits => digits::load(seed),
        Source::Shapes => Ok(shapes::draw(shapes::TRAIN, shapes::VALID, seed)),
        Source::Folder(path) if cifar::is_in(path) => cifar::load(path),
        Source::Folder(path) => folder::load(path, folder::SIDE, seed),
    }
}
