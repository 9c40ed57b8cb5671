//! What the numbers are that a model puts out.

use spyhole_protocol::{self as protocol, OutputMeaning};

use crate::error::SpyholeError;
use crate::probe_set::Probe;

/// What the numbers are that a model puts out for an image; said with [`ProbeSet::output`](crate::ProbeSet::output).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// One score per class (logits), or one probability (softmax, sigmoid) or logarithm of one (log-softmax).
    Classes,
    /// One number for two classes: the score (logit) of the second one, class 1, or its probability, if the model ends
    /// with a sigmoid.
    Binary,
    /// Numbers that are no classes: a regression, the means of a latent space. They are shown as they are, under their
    /// [names](crate::ProbeSet::output_names), if they have any.
    Numbers,
}

impl Output {
    fn recorded(self) -> OutputMeaning {
        match self {
            Self::Classes => OutputMeaning::Classes,
            Self::Binary => OutputMeaning::Binary,
            Self::Numbers => OutputMeaning::Numbers,
        }
    }
}

/// What a model's output of this shape (for one image) is: what the user says, or else what labels and class names
/// tell that fit it.
///
/// # Errors
/// When what the user says does not fit the output.
pub(crate) fn meaning(
    probe: &Probe,
    shape: Option<&[usize]>,
) -> Result<protocol::Output, SpyholeError> {
    let count = match shape {
        Some([]) => Some(1),
        Some(&[count]) => Some(count),
        _ => None,
    };
    if let Some(said) = probe.output {
        let fits = match said {
            Output::Classes => count.is_some_and(|count| count > 1),
            Output::Binary => count == Some(1),
            Output::Numbers => true,
        };
        if !fits {
            let shape = shape.unwrap_or_default().to_vec();
            return Err(SpyholeError::OutputMeaning { said, shape });
        }
    }
    let names = probe.output_names.len();
    if names > 0 && count != Some(names) {
        let shape = shape.unwrap_or_default().to_vec();
        return Err(SpyholeError::OutputNames { names, shape });
    }
    let (meaning, reason) = match (probe.output, count) {
        (Some(said), _) => (said, "the program says so".to_owned()),
        (None, _) if names > 0 => (Output::Numbers, "its numbers were given names".to_owned()),
        (None, None) => {
            let shape = shape.unwrap_or_default();
            (Output::Numbers, format!("its shape for one image, {shape:?}, is no row of numbers"))
        }
        (None, Some(count)) => inferred(probe, count),
    };
    Ok(protocol::Output {
        meaning: meaning.recorded(),
        count: count.map(|count| count as u32),
        names: probe.output_names.clone(),
        reason,
    })
}

/// What labels and class names tell.
fn inferred(probe: &Probe, count: usize) -> (Output, String) {
    let (names, labels) = (probe.class_names.len(), &probe.labels);
    // So many numbers tell two classes apart.
    let classes = if count == 1 { 2 } else { count };
    let of_classes = if count == 1 { Output::Binary } else { Output::Classes };
    let puts_out = match count {
        1 => "the model puts out one number for an image".to_owned(),
        count => format!("the model puts out {count} numbers for an image"),
    };
    match labels.iter().find(|&&label| label >= classes) {
        _ if names == 0 && labels.is_empty() => {
            let said = match count {
                1 => "`.output(Output::Binary)`",
                _ => "`.class_names(…)` or `.output(Output::Classes)`",
            };
            let reason = format!(
                "{puts_out}, and there are neither labels nor class names; if it is a classifier, {said} of the \
                 probe set says so"
            );
            (Output::Numbers, reason)
        }
        Some(label) => (Output::Numbers, format!("{puts_out}, and a label is {label}")),
        None if names > 0 && names != classes => {
            let reason = format!(
                "{puts_out}, and there are {names} class names; if it is a classifier, `.output(…)` of the probe \
                 set says so"
            );
            (Output::Numbers, reason)
        }
        None if names > 0 => (of_classes, format!("{puts_out}, and there are {names} class names")),
        None => (of_classes, format!("{puts_out}, and the labels are among 0 to {}", classes - 1)),
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::ProbeSet;

    #[test]
    fn classes_are_claimed_only_where_something_that_fits_says_so() {
        use Output::{Binary, Classes, Numbers};
        // (said, labels, class names, shape) → meaning; `None`: refused.
        type Case = (
            Option<Output>,
            &'static [usize],
            &'static [&'static str],
            Option<&'static [usize]>,
            Option<Output>,
        );
        let three = &["a", "b", "c"];
        let cases: [Case; 22] = [
            (None, &[], &[], Some(&[20]), Some(Numbers)),
            (None, &[0, 2], &[], Some(&[3]), Some(Classes)),
            (None, &[], three, Some(&[3]), Some(Classes)),
            (None, &[0, 2], three, Some(&[3]), Some(Classes)),
            // Names of what the images are of, and the means of a latent space.
            (None, &[0, 2], three, Some(&[20]), Some(Numbers)),
            (None, &[0, 2], three, Some(&[2]), Some(Numbers)),
            (None, &[0, 9], &[], Some(&[4]), Some(Numbers)),
            (None, &[], &[], Some(&[1]), Some(Numbers)),
            (None, &[0, 1], &[], Some(&[1]), Some(Binary)),
            (None, &[0, 1], &[], Some(&[]), Some(Binary)),
            (None, &[], &["cat", "dog"], Some(&[1]), Some(Binary)),
            (None, &[0, 2], &[], Some(&[1]), Some(Numbers)),
            (None, &[0, 1], three, Some(&[1]), Some(Numbers)),
            (None, &[0, 1], &[], Some(&[19, 14, 14]), Some(Numbers)),
            (None, &[0, 1], &[], None, Some(Numbers)),
            (Some(Classes), &[], &[], Some(&[20]), Some(Classes)),
            (Some(Numbers), &[0, 1], &[], Some(&[2]), Some(Numbers)),
            (Some(Binary), &[], &[], Some(&[]), Some(Binary)),
            (Some(Binary), &[], &[], Some(&[2]), None),
            (Some(Classes), &[], &[], Some(&[1]), None),
            (Some(Classes), &[], &[], Some(&[19, 14, 14]), None),
            (Some(Numbers), &[], &[], None, Some(Numbers)),
        ];
        for (said, labels, names, shape, expected) in cases {
            let images = Tensor::zeros([2, 1, 4, 4], &Device::flex());
            let set = ProbeSet::new(images).labels(labels.iter().copied());
            let set = set.class_names(names.iter().copied());
            let set = match said {
                Some(said) => set.output(said),
                None => set,
            };
            let probe = Probe::check(set, &Device::flex()).unwrap();
            let found = meaning(&probe, shape).ok().map(|found| found.meaning);
            assert_eq!(
                found,
                expected.map(Output::recorded),
                "{said:?} {labels:?} {names:?} {shape:?}"
            );
        }
    }
}
