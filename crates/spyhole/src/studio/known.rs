use spyhole_protocol::{OcclusionSettings, StudySubject};

/// Places of an occlusion: what a picture can show, and memory can hold.
const MOST_PLACES: usize = 16_384;

/// What somebody can ask for.
#[derive(Debug)]
pub(super) struct Known {
    /// Name, number of maps, and the unsupported operation if there is one.
    pub(super) layers: Vec<(String, usize, Option<String>)>,
    pub(super) images: usize,
    /// Height and width of an image, in pixels.
    pub(super) size: [usize; 2],
    pub(super) round: Vec<Vec<StudySubject>>,
}

impl Known {
    /// Whether there is such a thing to study.
    pub(super) fn check(&self, subject: &StudySubject) -> Result<(), String> {
        let (mut image, mut map, mut settings) = (None, None, None);
        match subject {
            StudySubject::Activations { image: wanted, .. } => image = Some(*wanted),
            StudySubject::Unit { map: wanted, .. }
            | StudySubject::SynthesisOfMap { map: wanted, .. } => map = Some(*wanted),
            StudySubject::Occlusion { image: wanted, settings: how } => {
                (image, settings) = (Some(*wanted), Some(how));
            }
            StudySubject::OcclusionOfMap { image: wanted, map: also, settings: how, .. } => {
                (image, map, settings) = (Some(*wanted), Some(*also), Some(how));
            }
            StudySubject::Units { .. }
            | StudySubject::Directions { .. }
            | StudySubject::Synthesis { .. }
            | StudySubject::SynthesisOfClasses
            | StudySubject::Embedding { .. } => {}
        }
        if let Some(image) = image {
            in_range("probe image", image, self.images)?;
        }
        if let Some(settings) = settings {
            self.check_square(settings)?;
        }
        let Some(wanted) = subject.layer() else { return Ok(()) };
        let Some((_, maps, unsupported)) = self.layers.iter().find(|(name, ..)| name == wanted)
        else {
            let names: Vec<_> = self.layers.iter().map(|(name, ..)| name.as_str()).collect();
            let names = names.join(", ");
            return Err(format!("there is no layer {wanted}; the layers are {names}"));
        };
        if let Some(operation) = unsupported {
            return Err(format!("{wanted} cannot be computed: it is behind {operation}"));
        }
        map.map_or(Ok(()), |map| in_range("feature map", map, *maps))
    }

    fn check_square(&self, settings: &OcclusionSettings) -> Result<(), String> {
        let [height, width] = self.size;
        let side = height.min(width);
        let square = settings.square.map_or((side / 4).max(1), |square| square as usize);
        let stride = settings.stride.map_or((square / 4).max(1), |stride| stride as usize);
        if !(1..=side).contains(&square) || stride == 0 {
            return Err(format!(
                "the square's side must be 1 to {side} pixels, and its step at least 1"
            ));
        }
        let places = ((height - square) / stride + 1) * ((width - square) / stride + 1);
        if places > MOST_PLACES {
            return Err(format!(
                "that makes {places} places, and {MOST_PLACES} are the most: choose a larger step"
            ));
        }
        Ok(())
    }
}

fn in_range(what: &str, index: u32, count: usize) -> Result<(), String> {
    if (index as usize) < count {
        return Ok(());
    }
    Err(format!("there is no {what} {index}: they count from 0 to {}", count.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_studied_is_refused_in_words() {
        let known = Known {
            layers: vec![("stem".into(), 8, None), ("far".into(), 4, Some("CumSum".into()))],
            images: 5,
            size: [200, 300],
            round: vec![],
        };
        let layer = || "stem".to_owned();
        let covered = |square, stride| StudySubject::Occlusion {
            image: 4,
            settings: OcclusionSettings { square, stride, ..OcclusionSettings::default() },
        };
        let cases = [
            (StudySubject::Units { layer: layer() }, None),
            (StudySubject::SynthesisOfClasses, None),
            (StudySubject::Units { layer: "stam".into() }, Some("the layers are stem, far")),
            (StudySubject::Units { layer: "far".into() }, Some("it is behind CumSum")),
            (StudySubject::Unit { layer: layer(), map: 7 }, None),
            (StudySubject::Unit { layer: layer(), map: 8 }, Some("from 0 to 7")),
            (StudySubject::Activations { layer: layer(), image: 5 }, Some("from 0 to 4")),
            (covered(None, None), None),
            (covered(Some(200), None), None),
            (covered(Some(201), None), Some("1 to 200 pixels")),
            (covered(Some(0), None), Some("1 to 200 pixels")),
            (covered(None, Some(0)), Some("at least 1")),
            (covered(Some(1), Some(1)), Some("60000 places")),
            (covered(Some(u32::MAX), Some(u32::MAX)), Some("1 to 200 pixels")),
        ];
        for (subject, expected) in cases {
            match (known.check(&subject), expected) {
                (Ok(()), None) => {}
                (Err(why), Some(words)) => assert!(why.contains(words), "{subject:?}: {why}"),
                (found, _) => panic!("{subject:?}: {found:?}"),
            }
        }
    }
}
