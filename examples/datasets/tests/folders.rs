//! Folders of images: what is read, what is left out with a warning, and what is an error.

use datasets::{DataError, DataSet, Source, folder, sample_folder};
use image::{ColorType, ImageEncoder, Rgb, RgbImage, codecs::png::PngEncoder};
use std::{fs, path::Path};
use tempfile::TempDir;

/// Makes a temporary folder with these files. A name ending in png or jpg becomes a picture, one with
/// `corrupt` in it damaged bytes, one ending in a slash a folder, any other a text.
fn tree(files: &[&str]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (i, name) in files.iter().enumerate() {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let shade = 20 * i as u8;
        match () {
            () if name.ends_with('/') => fs::create_dir_all(path).unwrap(),
            () if name.contains("corrupt") => fs::write(path, b"\x89PNG\r\n\x1a\nbroken").unwrap(),
            () if name.ends_with("png") || name.ends_with("jpg") => {
                RgbImage::from_pixel(10 + i as u32, 9, Rgb([shade; 3])).save(path).unwrap();
            }
            () => fs::write(path, "not an image").unwrap(),
        }
    }
    dir
}

fn load(dir: &TempDir) -> Result<DataSet, DataError> {
    folder::load(dir.path(), 8, 1)
}

/// The words of the error, which must name the expected layout unless it says otherwise.
fn error_of(files: &[&str]) -> String {
    load(&tree(files)).unwrap_err().to_string()
}

/// The grey of every picture in steps of [`tree`], which tells which file it came from.
fn origins(pictures: &[datasets::Picture]) -> Vec<usize> {
    pictures.iter().map(|p| (p.pixels[0] * 255.0 / 20.0).round() as usize).collect()
}

#[test]
fn photographs_of_all_kinds_become_pictures_of_one_size() {
    let dir = TempDir::new().unwrap();
    sample_folder::write(dir.path(), 12, 5).unwrap();
    let source = Source::Folder(dir.path().into());
    let set = datasets::load(&source, 1).unwrap();
    assert_eq!(set.shape, [3, 64, 64]);
    assert_eq!(set.class_names, sample_folder::CLASSES);
    assert_eq!(set.warnings, [""; 0]);
    assert_eq!((set.train.len(), set.valid.len()), (30, 6));
    for picture in set.train.iter().chain(&set.valid) {
        assert_eq!(picture.pixels.len(), 3 * 64 * 64);
        assert!(picture.pixels.iter().all(|x| (0.0..=1.0).contains(x)));
    }
    for label in 0..3 {
        assert_eq!(set.valid.iter().filter(|p| p.label == label).count(), 2);
    }
    assert_eq!(datasets::load(&source, 1).unwrap(), set);
    assert_ne!(datasets::load(&source, 2).unwrap().valid, set.valid);
    assert_eq!(folder::load(dir.path(), 20, 1).unwrap().shape, [3, 20, 20]);
}

#[test]
fn sample_folders_are_reproducible_and_vary_in_size() {
    let (a, b) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    sample_folder::write(a.path(), 6, 5).unwrap();
    sample_folder::write(b.path(), 6, 5).unwrap();
    let mut sizes = Vec::new();
    for name in ["000.jpg", "001.png", "003.jpeg", "004.png", "005.png"] {
        let file = Path::new("dunes").join(name);
        assert_eq!(
            fs::read(a.path().join(&file)).unwrap(),
            fs::read(b.path().join(&file)).unwrap()
        );
        let (width, height) = image::image_dimensions(a.path().join(&file)).unwrap();
        assert!((40..=200).contains(&width) && (40..=200).contains(&height));
        sizes.push((width, height));
    }
    sizes.dedup();
    assert_eq!(sizes.len(), 5);
}

#[test]
fn parts_given_are_kept_and_sorted() {
    for part in ["valid", "val", "validation", "test"] {
        let valid = [format!("{part}/cat/b.png"), format!("{part}/ant/a.png")];
        let files = ["train/cat/2.png", "train/ant/1.jpg", "train/cat/1.png", &valid[0], &valid[1]];
        let set = load(&tree(&files)).unwrap();
        assert_eq!(set.class_names, ["ant", "cat"]);
        assert_eq!(origins(&set.train), [1, 2, 0], "{part}");
        assert_eq!(origins(&set.valid), [4, 3], "{part}");
        assert_eq!(set.train.iter().map(|p| p.label).collect::<Vec<_>>(), [0, 1, 1]);
    }
}

#[test]
fn training_part_alone_is_split() {
    let set = load(&tree(&["train/a/1.png", "train/a/2.png", "train/b/1.png"])).unwrap();
    assert_eq!((set.train.len(), set.valid.len()), (2, 1));
}

#[test]
fn what_is_no_image_is_passed_over() {
    let files =
        ["a/1.png", "a/2.PNG.txt", "a/notes.md", "a/.hidden.png", "b/1.jpg", "b/2.jpg", "c/x.txt"];
    let mut files = files.to_vec();
    files.extend([".git/1.png", "README.md", "a/deeper/3.png"]);
    let set = load(&tree(&files)).unwrap();
    assert_eq!(set.class_names, ["a", "b"]);
    assert_eq!(set.train.len() + set.valid.len(), 3);
    // The one thing worth a word: a folder that looks like a class and is none.
    assert_eq!(set.warnings.len(), 1);
    assert!(set.warnings[0].contains("c' has no png or jpeg images"), "{:?}", set.warnings);
}

#[test]
fn a_corrupt_image_is_named_and_left_out() {
    let files = ["a/1.png", "a/2.png", "a/corrupt.png", "b/1.png", "b/2.png", "b/corrupt.jpg"];
    let set = load(&tree(&files)).unwrap();
    assert_eq!(set.train.len() + set.valid.len(), 4);
    assert_eq!(set.warnings.len(), 2);
    assert!(set.warnings[0].contains("a/corrupt.png' cannot be read and is left out: "));
    assert!(set.warnings[1].contains("b/corrupt.jpg' cannot be read and is left out: "));

    let truncated = tree(&["a/1.png", "a/2.png", "b/1.png"]);
    let file = truncated.path().join("a/2.png");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    fs::write(truncated.path().join("a/0.png"), "").unwrap();
    fs::copy(truncated.path().join("b/1.png"), truncated.path().join("b/2.jpg")).unwrap();
    let set = load(&truncated).unwrap();
    assert_eq!(set.warnings.len(), 2, "{:?}", set.warnings);
    assert_eq!(set.train.len() + set.valid.len(), 3, "a png called jpg is read all the same");
}

#[test]
fn classes_not_validated_get_a_warning() {
    let set = load(&tree(&["train/a/1.png", "train/b/1.png", "val/a/1.png"])).unwrap();
    assert!(set.warnings[0].starts_with("class 'b' has no images in"), "{:?}", set.warnings);
}

#[test]
fn errors_say_what_was_expected() {
    let expected = "PATH/CLASS/*.jpg, or PATH/train/CLASS/*.jpg and PATH/valid/CLASS/*.jpg";
    let cases: [(&[&str], &str); 9] = [
        (&[], "no class sub-folders in"),
        (&["1.png", "2.png"], "no class sub-folders in"),
        (&["train/1.png", "valid/2.png"], "no class sub-folders in"),
        (&["valid/a/2.png"], "no class sub-folders in"),
        (&["train/a/1.png", "train/b/1.png", "valid/1.png"], "no class sub-folders in"),
        (&["a/", "b/notes.txt"], "no png or jpeg images in"),
        (&["a/x/1.png", "b/x/1.png"], "no png or jpeg images in"),
        (&["a/1.png", "a/2.png"], "only one class, 'a',"),
        (&["train/a/1.png", "train/b/x.txt", "valid/a/2.png"], "only one class, 'a',"),
    ];
    for (files, problem) in cases {
        let error = error_of(files);
        assert!(error.starts_with(problem) && error.contains(expected), "{files:?}: {error}");
    }
}

#[test]
fn errors_say_what_to_do() {
    let error = error_of(&["train/a/1.png", "train/b/1.png", "val/a/2.png", "val/c/1.png"]);
    assert!(error.starts_with("class 'c' is in"), "{error}");
    assert!(error.contains("add training images of it, or remove it"), "{error}");

    let error = error_of(&["a/1.png", "b/corrupt1.png", "b/corrupt2.png"]);
    assert!(error.starts_with("none of the 2 images in"), "{error}");
    assert!(error.contains("corrupt1.png") && error.contains("replace them"), "{error}");

    let error = error_of(&["a/1.png", "b/1.png"]);
    assert!(error.contains("none can be held out for validation; add images"), "{error}");

    let error = folder::load(tree(&["a/1.png"]).path(), 0, 1).unwrap_err();
    assert!(error.to_string().contains("at least 1 pixel"), "{error}");
}

#[test]
fn a_path_that_is_no_folder_is_an_error() {
    let dir = tree(&["file.png"]);
    let missing = folder::load(&dir.path().join("absent"), 8, 1).unwrap_err();
    assert!(matches!(missing, DataError::Missing { .. }));
    assert!(
        missing.to_string().contains("'digits', 'shapes' or the path of a folder"),
        "{missing}"
    );
    let file = folder::load(&dir.path().join("file.png"), 8, 1).unwrap_err();
    assert!(matches!(file, DataError::NotAFolder { .. }), "{file}");
    assert!(matches!(datasets::load(&"".parse().unwrap(), 1), Err(DataError::Missing { .. })));
}

#[cfg(unix)]
#[test]
fn links_in_circles_do_not_hang() {
    use std::os::unix::fs::symlink;
    let dir = tree(&["a/1.png", "a/2.png", "b/1.png", "b/2.png"]);
    symlink(dir.path(), dir.path().join("again")).unwrap();
    symlink(dir.path().join("a"), dir.path().join("a/inside")).unwrap();
    symlink("self.png", dir.path().join("a/self.png")).unwrap();
    symlink("loop", dir.path().join("loop")).unwrap();
    let set = load(&dir).unwrap();
    assert_eq!(set.class_names, ["a", "b"]);
    assert_eq!(set.train.len() + set.valid.len(), 4);
}

/// 60×30, the left half red, the right half blue, with an EXIF note "turn a quarter clockwise" (6): to be
/// shown 30×60 with red above. Cropping takes the middle square, so both colours stay.
#[test]
fn images_are_turned_as_their_exif_data_say() {
    let dir = tree(&["a/1.png", "b/1.png", "b/2.png"]);
    let image =
        RgbImage::from_fn(60, 30, |x, _| Rgb(if x < 30 { [255, 0, 0] } else { [0, 0, 255] }));
    // A little-endian TIFF directory of one entry: orientation (0x112), one short, 6.
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    let mut encoder = PngEncoder::new(fs::File::create(dir.path().join("a/1.png")).unwrap());
    encoder.set_exif_metadata(exif).unwrap();
    encoder.write_image(&image, 60, 30, ColorType::Rgb8.into()).unwrap();

    let set = load(&dir).unwrap();
    let picture = set.train.iter().find(|picture| picture.label == 0).unwrap();
    let at = |channel: usize, y: usize, x: usize| picture.pixels[(channel * 8 + y) * 8 + x];
    for x in 0..8 {
        assert!(at(0, 0, x) > 0.95 && at(2, 0, x) < 0.05, "red above");
        assert!(at(0, 7, x) < 0.05 && at(2, 7, x) > 0.95, "blue below");
    }
}

#[test]
fn transparent_pixels_are_white_and_long_images_are_cropped() {
    let dir = tree(&["a/2.png", "b/1.png", "b/2.png"]);
    fs::remove_file(dir.path().join("a/2.png")).unwrap();
    // 5000×4: clear, black underneath, but for an opaque green square in the middle.
    let image = image::RgbaImage::from_fn(5000, 4, |x, _| {
        image::Rgba(if (2498..2502).contains(&x) { [0, 255, 0, 255] } else { [0, 0, 0, 0] })
    });
    image.save(dir.path().join("a/1.png")).unwrap();
    let green = load(&dir).unwrap();
    let picture = green.train.iter().find(|picture| picture.label == 0).unwrap();
    assert!(picture.pixels[..64].iter().all(|&red| red < 1e-3));
    assert!(picture.pixels[64..128].iter().all(|&green| green > 0.999));

    image::RgbaImage::new(9, 7).save(dir.path().join("a/1.png")).unwrap();
    let clear = load(&dir).unwrap();
    let picture = clear.train.iter().find(|picture| picture.label == 0).unwrap();
    assert!(picture.pixels.iter().all(|&x| x > 0.999));
}

#[test]
fn palettes_are_looked_up() {
    let dir = tree(&["b/1.png", "b/2.png", "a/"]);
    // 2×2 pixels of one bit, all of them the palette's first colour, (255, 128, 0).
    let image =
        b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x02\x00\x00\x00\x02\x01\x03\x00\
        \x00\x00Hx\x9fg\x00\x00\x00\x06PLTE\xff\x80\x00\x01\x02\x03Z\xb8\xfb\x9e\x00\x00\x00\x0c\
        IDATx\x9cc```\x00\x00\x00\x04\x00\x01\xf6\x178U\x00\x00\x00\x00IEND\xaeB`\x82";
    fs::write(dir.path().join("a/1.png"), image).unwrap();
    let set = load(&dir).unwrap();
    let orange = set.train.iter().find(|picture| picture.label == 0).unwrap();
    for (channel, value) in [1.0, 128.0 / 255.0, 0.0].into_iter().enumerate() {
        let plane = &orange.pixels[channel * 64..(channel + 1) * 64];
        assert!(plane.iter().all(|x| (x - value).abs() < 1e-3));
    }
}
