//! Folders that nobody has tidied up: whatever is in them, loading gives pictures with warnings or an error in words.
//! `SPYHOLE_FUZZ=5000` tries that many; the default keeps CI quick.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use datasets::{DataSet, folder};
use image::{ImageFormat, Rgb, RgbImage};
use proptest::prelude::*;

const SIDE: usize = 8;

fn cases(default: u32) -> u32 {
    std::env::var("SPYHOLE_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What stands under a name.
#[derive(Clone, Debug)]
enum Thing {
    Folder,
    Text,
    Empty,
    /// A good picture.
    Picture {
        png: bool,
        width: u32,
        height: u32,
    },
    /// A picture that ends after a share of its bytes.
    Cut {
        png: bool,
        share: f64,
    },
    /// A picture with some bytes changed.
    Changed {
        png: bool,
        bytes: Vec<(f64, u8)>,
    },
    /// A link to a name in the folder.
    Link(String),
}

/// Names of files and folders, some of them the same again, some odd, some not UTF-8.
fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop_oneof![Just("a"), Just("b"), Just("train"), Just("valid"), Just("test"), Just("val")]
            .prop_map(|name| name.as_bytes().to_vec()),
        4 => "[a-c]{1,2}\\.(png|jpg|PNG|jpeg|txt|tar\\.gz)".prop_map(String::into_bytes),
        2 => "\\PC{1,12}".prop_map(String::into_bytes),
        1 => Just(vec![0xff, 0xfe, b'.', b'p', b'n', b'g']),
        1 => Just(b".hidden.png".to_vec()),
        1 => proptest::collection::vec(1u8.., 1..6),
    ]
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        2 => Just(Thing::Folder),
        1 => Just(Thing::Text),
        1 => Just(Thing::Empty),
        6 => (any::<bool>(), 1..40u32, 1..40u32)
            .prop_map(|(png, width, height)| Thing::Picture { png, width, height }),
        2 => (any::<bool>(), 0.0..1.0f64).prop_map(|(png, share)| Thing::Cut { png, share }),
        2 => (any::<bool>(), proptest::collection::vec((0.0..1.0f64, any::<u8>()), 1..20))
            .prop_map(|(png, bytes)| Thing::Changed { png, bytes }),
        1 => prop_oneof![Just("."), Just(".."), Just("a"), Just("b/a.png"), Just("nowhere")]
            .prop_map(|target| Thing::Link(target.into())),
    ]
}

fn picture(png: bool, width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8 * 6, y as u8 * 6, 128]));
    let mut bytes = std::io::Cursor::new(vec![]);
    let format = if png { ImageFormat::Png } else { ImageFormat::Jpeg };
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[cfg(unix)]
fn os(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn os(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

fn is_sound(set: &DataSet) {
    assert_eq!(set.shape, [3, SIDE, SIDE]);
    assert!(set.class_names.len() >= 2 && !set.train.is_empty() && !set.valid.is_empty());
    assert!(set.deviation.iter().all(|deviation| *deviation > 0.0 && deviation.is_finite()));
    for picture in set.train.iter().chain(&set.valid) {
        assert_eq!(picture.pixels.len(), 3 * SIDE * SIDE);
        assert!(picture.label < set.class_names.len());
        assert!(picture.pixels.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(cases(150)) })]

    #[test]
    fn any_folder_is_read_or_refused(
        tidy: bool,
        things in proptest::collection::vec(
            (proptest::collection::vec(name(), 1..4), thing()), 0..30),
    ) {
        let dir = tempfile::tempdir().unwrap();
        if tidy {
            // Two good classes, so that the mess is beside something.
            for (index, class) in ["a", "a", "b", "b"].into_iter().enumerate() {
                fs::create_dir_all(dir.path().join(class)).unwrap();
                let file = dir.path().join(format!("{class}/good{index}.png"));
                fs::write(file, picture(true, 9, 9)).unwrap();
            }
        }
        for (names, thing) in things {
            let below: PathBuf = names.into_iter().map(os).collect();
            // `..` and absolute names would lead out of the folder.
            if below.components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
                continue;
            }
            let path = dir.path().join(below);
            // Names that are there already, or that the file system does not take, are left as they are.
            if path.parent().is_none_or(|parent| fs::create_dir_all(parent).is_err()) || path.exists() {
                continue;
            }
            let bytes = match thing {
                Thing::Folder => {
                    let _ = fs::create_dir_all(path);
                    continue;
                }
                Thing::Link(target) => {
                    #[cfg(unix)]
                    let _ = std::os::unix::fs::symlink(dir.path().join(target), path);
                    continue;
                }
                Thing::Text => b"not a picture".to_vec(),
                Thing::Empty => vec![],
                Thing::Picture { png, width, height } => picture(png, width, height),
                Thing::Cut { png, share } => {
                    let mut bytes = picture(png, 20, 20);
                    bytes.truncate((share * bytes.len() as f64) as usize);
                    bytes
                }
                Thing::Changed { png, bytes: changes } => {
                    let mut bytes = picture(png, 20, 20);
                    for (share, byte) in changes {
                        let at = (share * bytes.len() as f64) as usize;
                        bytes[at] = byte;
                    }
                    bytes
                }
            };
            let _ = fs::write(path, bytes);
        }
        match folder::load(dir.path(), SIDE, 1) {
            Ok(set) => {
                is_sound(&set);
                prop_assert_eq!(folder::load(dir.path(), SIDE, 1).unwrap(), set);
            }
            Err(error) => prop_assert!(error.to_string().len() > 20, "{}", error),
        }
    }
}
