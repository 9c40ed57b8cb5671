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
}

impl Known {
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
