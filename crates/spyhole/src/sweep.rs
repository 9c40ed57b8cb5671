//! The feature maps of all layers in one sweep over the probe images, and what each part of it takes.

use burn::tensor::Tensor;
use spyhole_graph::{Graph, Weights};
use spyhole_probe::{
    ActivityReader, EvolutionReader, FeatureSearch, FeatureSettings, FiniteReader, Impression,
    LayerActivity, LayerFeatures, Pass, ProbeError,
};
use spyhole_protocol::Analysis;

use crate::failure::Failure;
use crate::meter::{Measure, Meter, Used};
use crate::probe_set::Probe;
use crate::schedule::Plan;
use crate::watched_layer::WatchedLayer;

/// What a sweep looks at.
pub(crate) struct Sweep<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) weights: &'a Weights,
    pub(crate) images: &'a Tensor<4>,
    pub(crate) features: FeatureSettings,
    /// The same, and how many of them differ.
    pub(crate) probe: &'a Probe,
    /// Memory for intermediate results, in bytes.
    pub(crate) memory: usize,
}

/// One outcome per layer and analysis; `None` for an analysis that was not planned.
pub(crate) struct Found {
    pub(crate) features: Option<Vec<Result<LayerFeatures, ProbeError>>>,
    pub(crate) activity: Option<Vec<Result<LayerActivity, ProbeError>>>,
    pub(crate) impressions: Option<Vec<Result<Impression, ProbeError>>>,
}

impl Sweep<'_> {
    /// Looks at layers, with the analyses that are planned, and at what is not finite.
    ///
    /// # Errors
    /// When the images do not fit the graph, or weights are missing.
    pub(crate) fn run(
        &self,
        layers: &[&WatchedLayer],
        plan: &Plan,
        finite: &mut FiniteReader,
        costs: &mut Costs,
    ) -> Result<Found, Failure> {
        let Self { graph, weights, images, features: settings, probe, memory } = *self;
        let requests: Vec<_> = layers.iter().map(|watched| watched.request()).collect();
        let wanted = |analysis| plan.has(analysis).then_some(());
        let mut features = wanted(Analysis::Maps).map(|()| FeatureSearch::new(&requests, settings));
        let mut activity = wanted(Analysis::Activity).map(|()| {
            let layers = requests.iter().map(|request| request.layer);
            ActivityReader::new(images, layers, probe.variety.state())
        });
        let mut evolution = wanted(Analysis::Evolution).map(|()| {
            let watches = layers.iter().map(|watched| &watched.evolution);
            let unjudged = probe.variety_compared.state();
            EvolutionReader::new(&requests, watches, settings.method, unjudged)
        });
        let (start, before) = (costs.read(), costs.sum());
        let pass = Pass::new(graph, weights, images, memory)?;
        pass.each(
            |_| true,
            |first, activations| {
                finite.look(activations);
                if let Some(features) = &mut features {
                    costs.time(Analysis::Maps, || features.look(first, activations));
                }
                if let Some(activity) = &mut activity {
                    costs.time(Analysis::Activity, || activity.look(first, activations));
                }
                if let Some(evolution) = &mut evolution {
                    costs.time(Analysis::Evolution, || evolution.look(first, activations));
                }
            },
        )?;
        // What is left of the sweep when the looks are taken off.
        let looks = costs.sum() - before;
        let swept = costs.read() - start;
        costs.add(Analysis::Forward, swept - looks);
        Ok(Found {
            features: features
                .map(|features| costs.time(Analysis::Maps, || features.finish(&pass)))
                .transpose()?,
            activity: activity.map(|activity| costs.time(Analysis::Activity, || activity.finish())),
            impressions: evolution
                .map(|evolution| costs.time(Analysis::Evolution, || evolution.finish(&pass)))
                .transpose()?,
        })
    }
}

/// What analyses use.
pub(crate) struct Costs {
    meter: Meter,
    of: Vec<(Analysis, Used)>,
}

impl Costs {
    pub(crate) fn new(meter: &Meter) -> Self {
        Self { meter: meter.clone(), of: vec![] }
    }

    pub(crate) fn time<T>(&mut self, analysis: Analysis, work: impl FnOnce() -> T) -> T {
        let start = self.read();
        let done = work();
        self.add(analysis, self.read() - start);
        done
    }

    pub(crate) fn add(&mut self, analysis: Analysis, used: Used) {
        match self.of.iter_mut().find(|(known, _)| *known == analysis) {
            Some((_, sum)) => *sum = *sum + used,
            None => self.of.push((analysis, used)),
        }
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = (Analysis, Used)> {
        self.of.iter().copied()
    }

    pub(crate) fn sum(&self) -> Used {
        self.of.iter().fold(Used::default(), |sum, (_, used)| sum + *used)
    }

    pub(crate) fn measure(&self) -> Measure {
        self.meter.measure
    }

    pub(crate) fn read(&self) -> Used {
        self.meter.read()
    }
}
