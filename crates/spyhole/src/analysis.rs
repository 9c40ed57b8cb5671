//! Analyses of one's own: a number per layer and epoch that spyhole does not measure.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use burn::tensor::Tensor;
use spyhole_graph::{Graph, Weights};
use spyhole_protocol::Statistic;

use crate::error::SpyholeError;
use crate::failure::{Failure, caught};

/// What an analysis gives: numbers by the names of layers ([`Layer::name`](crate::graph::Layer::name)). A layer that
/// it says nothing about is left out. Any error will do: its text becomes a fault that the user sees.
pub type Readings = Result<BTreeMap<String, f64>, Box<dyn Error + Send + Sync>>;

/// By layer, the values of statistics by name.
pub(crate) type Values = HashMap<String, BTreeMap<String, Option<f64>>>;

/// What an analysis looks at: the model after an epoch, on the
/// [device for analyses](crate::SpyholeBuilder::analysis_device).
#[derive(Debug)]
#[non_exhaustive]
pub struct Look<'a> {
    /// The epoch, counted from 1; 0 is the untrained model.
    pub epoch: u32,
    /// Within an epoch ([`every_steps`](crate::SpyholeBuilder::every_steps)): after so many updates of the weights.
    /// `None` at the end of one.
    pub step: Option<u64>,
    /// The network: its layers, and the way to compute them.
    pub graph: &'a Graph,
    /// The weights after the epoch.
    pub weights: &'a Weights,
    /// The probe images, `[N, C, H, W]`, normalised.
    pub images: &'a Tensor<4>,
}

/// An analysis of one's own. It runs on the analysis thread after every epoch; its numbers stand among the others
/// of the health view, and rules can look at them.
///
/// It is subject to the [budget](crate::SpyholeBuilder::budget) like every other analysis: what all analyses of one's
/// own take together is measured, and where it does not fit in they have their turn every few epochs; the dashboard
/// says which epochs are without, and why.
///
/// ```
/// use spyhole::{Alerts, Analysis, Rule, Scale, Statistic, Subject};
///
/// let bias = Statistic {
///     name: "mean_weight".into(),
///     label: "Mean of the weights".into(),
///     meaning: "Far from zero, the filters answer brightness rather than shape.".into(),
///     formula: "mean of w".into(),
///     subject: Subject::Filters,
///     scale: Scale::Linear,
/// };
/// let rule = Rule::at_least("bright-filters", "mean_weight").warning(0.5);
/// let alerts = Alerts::default().statistic(bias.clone())?.with(rule)?;
/// let analysis = Analysis::new(bias, |look| {
///     let mut means = std::collections::BTreeMap::new();
///     for layer in look.graph.layers() {
///         let Some((_, weights)) = look.weights.filters(layer) else { continue };
///         let sum: f64 = weights.iter().map(|&w| f64::from(w)).sum();
///         means.insert(layer.name().to_owned(), sum / weights.len() as f64);
///     }
///     Ok(means)
/// });
/// // Spyhole::builder(…).alerts(alerts).analysis(analysis)
/// # Ok::<(), spyhole::AlertError>(())
/// ```
#[derive(Clone)]
pub struct Analysis {
    statistic: Statistic,
    read: Arc<dyn Fn(&Look<'_>) -> Readings + Send + Sync>,
}

impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analysis").field("statistic", &self.statistic.name).finish_non_exhaustive()
    }
}

impl Analysis {
    /// What it measures, and how. It should depend on nothing but the look, so that a run can be repeated; what it
    /// takes long for delays the pictures of the epoch, never the training.
    pub fn new(
        statistic: Statistic,
        read: impl Fn(&Look<'_>) -> Readings + Send + Sync + 'static,
    ) -> Self {
        Self { statistic, read: Arc::new(read) }
    }

    /// What it measures.
    pub fn statistic(&self) -> &Statistic {
        &self.statistic
    }

    /// The name for faults.
    pub(crate) fn part(&self) -> String {
        format!("analysis {}", self.statistic.name)
    }

    /// Adds what it finds to the values of the layers.
    pub(crate) fn read(&self, look: &Look<'_>, values: &mut Values) -> Result<(), Failure> {
        let found =
            caught(|| (self.read)(look).map_err(|error| Failure::Failed(error.to_string())))?;
        for layer in found.keys() {
            look.graph.layer(layer)?;
        }
        for (layer, value) in found {
            let value = Some(value).filter(|value| value.is_finite());
            values.entry(layer).or_default().insert(self.statistic.name.clone(), value);
        }
        Ok(())
    }
}

/// Whether each has a name of its own.
pub(crate) fn check(analyses: &[Analysis]) -> Result<(), SpyholeError> {
    let name = |place: usize| &analyses[place].statistic.name;
    let twice =
        (0..analyses.len()).find(|&place| (0..place).any(|other| name(other) == name(place)));
    match twice {
        Some(place) => Err(SpyholeError::AnalysisTwice { name: name(place).clone() }),
        None => Ok(()),
    }
}
