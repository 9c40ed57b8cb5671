//! How the views are laid out: an overview, the evolution grid, what covering the image does, and one tab per layer.

use re_sdk::blueprint::components::{Corner2D, PanelState, PlayState};
use re_sdk::blueprint::{
    Blueprint, BlueprintActivation, BlueprintPanel, ContainerLike, Grid, Horizontal,
    SelectionPanel, Spatial2DView, StateTimelineView, Tabs, TextDocumentView, TextLogView,
    TimePanel, TimeSeriesView, Vertical,
};
use re_sdk::log::LogMsg;
use re_sdk::{EntityPath, RecordingStream, RecordingStreamBuilder, StoreKind};
use re_sdk_types::blueprint::archetypes::{PlotLegend, VisualBounds2D};
use spyhole_protocol::{Layer, LayerStatus, OutputMeaning};

use super::plots::PLOTS;
use super::recorder::{APPLICATION, EPOCH, Scene, layer_path, metric_path};
use crate::SinkResult;

/// Layers side by side on the occlusion tab.
const OCCLUDED: usize = 5;

/// Sends the layout for what is known of a run so far.
pub(super) fn send(scene: &Scene, rec: &RecordingStream) -> SinkResult {
    let mut properties = Properties::default();
    let blueprint = layout(scene, &mut properties);
    // rerun's layout has no words for some properties of views: they are added to its messages.
    let (collector, collected) = RecordingStreamBuilder::new(APPLICATION).enabled(true).memory()?;
    blueprint.send(&collector, BlueprintActivation::default())?;
    let (mut messages, mut activation) = (vec![], None);
    for message in collected.take() {
        match message {
            LogMsg::BlueprintActivationCommand(command) => activation = Some(command),
            message if message.store_id().kind() == StoreKind::Blueprint => messages.push(message),
            _ => {}
        }
    }
    let Some(activation) = activation else { return Ok(()) };
    let (more, collected) =
        RecordingStreamBuilder::from_store_id(&activation.blueprint_id).enabled(true).memory()?;
    more.set_time_sequence("blueprint", 0);
    for (path, corner) in properties.legends {
        more.log(path, &PlotLegend::new().with_corner(corner))?;
    }
    for (path, bounds) in properties.bounds {
        more.log(path, &bounds)?;
    }
    messages.extend(collected.take());
    rec.send_blueprint(messages, activation);
    Ok(())
}

/// What is to be said of views beside their place.
#[derive(Default)]
struct Properties {
    legends: Vec<(EntityPath, Corner2D)>,
    bounds: Vec<(EntityPath, VisualBounds2D)>,
}

impl Properties {
    /// A plot whose legend stands in that corner.
    fn plot(&mut self, view: TimeSeriesView, corner: Corner2D) -> ContainerLike {
        let view = view.into();
        self.legends.extend(property(&view, "PlotLegend").map(|path| (path, corner)));
        view
    }

    /// A picture with fixed bounds, if they are known.
    fn bounded(&mut self, view: Spatial2DView, bounds: Option<VisualBounds2D>) -> ContainerLike {
        let view = view.into();
        self.bounds.extend(property(&view, "VisualBounds2D").zip(bounds));
        view
    }
}

fn property(view: &ContainerLike, name: &str) -> Option<EntityPath> {
    let ContainerLike::View(view) = view else { return None };
    Some(view.blueprint_path().join(&EntityPath::from(name)))
}

fn layout(scene: &Scene, properties: &mut Properties) -> Blueprint {
    let layers: Vec<&Layer> = scene.start.layers.iter().filter(|layer| is_shown(layer)).collect();
    let mut tabs: Vec<ContainerLike> =
        vec![overview(scene, &layers, properties), evolution(scene, &layers, properties)];
    tabs.extend(layers.iter().map(|layer| layer_tab(scene, layer, properties)));
    tabs.extend(occlusion(scene, &layers));
    tabs.push(TextDocumentView::new("Model").with_origin("model").into());
    Blueprint::new(Tabs::new(tabs))
        .with_auto_views(false)
        .with_auto_layout(false)
        .with_blueprint_panel(BlueprintPanel::from_state(PanelState::Collapsed))
        .with_selection_panel(SelectionPanel::from_state(PanelState::Collapsed))
        .with_time_panel(
            TimePanel::new()
                .with_state(PanelState::Collapsed)
                .with_timeline(EPOCH)
                .with_fps(2.0)
                // At the newest epoch, also of a run that is over.
                .with_play_state(PlayState::Following),
        )
}

fn is_shown(layer: &Layer) -> bool {
    layer.status == LayerStatus::Supported
}

/// Metrics, alerts and the layer clock.
fn overview(scene: &Scene, layers: &[&Layer], properties: &mut Properties) -> ContainerLike {
    // The legend stands where a curve that does well does not go.
    let metric = |(name, &higher_is_better): (&String, &bool)| {
        let corner = if higher_is_better { Corner2D::RightBottom } else { Corner2D::RightTop };
        let view = TimeSeriesView::new(name.clone()).with_origin(metric_path(name, ""));
        properties.plot(view, corner)
    };
    let mut metrics: Vec<ContainerLike> = scene.metrics.iter().map(metric).collect();
    if metrics.is_empty() {
        metrics.push(TimeSeriesView::new("Metrics").with_origin("metrics").into());
    }
    let of_layers = |below: &[&str]| -> Vec<String> {
        let paths = |layer: &&Layer| {
            below.iter().map(|path| add(&layer_path(&layer.name, path))).collect::<Vec<_>>()
        };
        layers.iter().flat_map(paths).collect()
    };
    let clock = StateTimelineView::new("Layer clock: has it settled?")
        .with_contents(of_layers(&["settling"]));
    let change =
        TimeSeriesView::new("Change of each layer per epoch (1 − CKA), ◆ where it settled")
            .with_contents(of_layers(&["change", "settled"]));
    let change = properties.plot(change, Corner2D::RightTop);
    let log = TextLogView::new("Alerts and notes").with_contents(["+ /alerts/**", "+ /log/**"]);
    Vertical::new([
        Horizontal::new(metrics).into(),
        Horizontal::new([clock.into(), change]).into(),
        log.into(),
    ])
    .with_row_shares([3.0, 3.0, 2.0])
    .with_name("Overview")
    .into()
}

/// The followed maps of every layer over the epochs.
fn evolution(scene: &Scene, layers: &[&Layer], properties: &mut Properties) -> ContainerLike {
    let strip = |layer: &&Layer| {
        let view = Spatial2DView::new(layer.name.clone())
            .with_origin(layer_path(&layer.name, "evolution"));
        properties.bounded(view, scene.strip_bounds(&layer.name))
    };
    Grid::new(layers.iter().map(strip)).with_name("Evolution").into()
}

/// All that is known of a layer.
fn layer_tab(scene: &Scene, layer: &Layer, properties: &mut Properties) -> ContainerLike {
    let view = |name: &str, path: &str| -> ContainerLike {
        Spatial2DView::new(name).with_origin(layer_path(&layer.name, path)).into()
    };
    let activations = scene.activations.iter().map(|image| {
        view(&format!("Activations: image {image}"), &format!("activations/image_{image}"))
    });
    let mut activations: Vec<_> = activations.collect();
    if activations.is_empty() {
        activations.push(view("Activations", "activations"));
    }
    let plots = PLOTS.into_iter().map(|(name, belongs)| -> ContainerLike {
        let chosen = scene.statistics.iter().filter(|statistic| belongs(statistic));
        let path = |name: &String| add(&layer_path(&layer.name, &format!("statistics/{name}")));
        let view = TimeSeriesView::new(name);
        let view = view.with_contents(chosen.map(|statistic| path(&statistic.name)));
        // The newest values are on the right.
        properties.plot(view, Corner2D::LeftBottom)
    });
    let plots = Tabs::new(plots).into();
    Vertical::new([
        Horizontal::new([
            view("Filters", "filters"),
            view("Strongest maps: projection | patch", "features/strongest"),
            view("Followed maps: projection | patch", "features/followed"),
        ])
        .into(),
        Horizontal::new([
            Tabs::new(activations).into(),
            view("Probe images by likeness", "embedding"),
            plots,
        ])
        .with_column_shares([2.0, 2.0, 3.0])
        .into(),
    ])
    .with_name(layer.name.clone())
    .into()
}

/// Image by image: where the prediction looks, then some layers.
fn occlusion(scene: &Scene, layers: &[&Layer]) -> Option<ContainerLike> {
    if scene.occlusions.is_empty() {
        return None;
    }
    let chosen = spread(layers, OCCLUDED);
    let what = match scene.start.output.as_ref().map(|output| output.meaning) {
        Some(OutputMeaning::Numbers) => "Output",
        _ => "Prediction",
    };
    let over = |name: String, image: u32, veil: EntityPath| -> ContainerLike {
        let image = add(&format!("probe/image_{image}").into());
        Spatial2DView::new(name).with_contents([image, add(&veil)]).into()
    };
    let row = |&image: &u32| {
        let path = format!("occlusion/image_{image}/drop");
        let prediction = over(format!("{what}, image {image}"), image, path.as_str().into());
        let of_layer = |layer: &&Layer| {
            over(format!("{}, image {image}", layer.name), image, layer_path(&layer.name, &path))
        };
        std::iter::once(prediction).chain(chosen.iter().map(of_layer)).collect::<Vec<_>>()
    };
    let views = scene.occlusions.iter().flat_map(row);
    Some(Grid::new(views).with_grid_columns(chosen.len() as u32 + 1).with_name("Occlusion").into())
}

/// At most so many, evenly spread, the first and the last among them.
fn spread<T: Copy>(all: &[T], most: usize) -> Vec<T> {
    if all.len() <= most {
        return all.to_vec();
    }
    (0..most).map(|i| all[i * (all.len() - 1) / (most - 1)]).collect()
}

/// As rerun's queries take an entity.
fn add(path: &EntityPath) -> String {
    format!("+ {path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_spread_evenly() {
        assert_eq!(spread(&[1, 2, 3], 5), [1, 2, 3]);
        assert_eq!(spread(&(0..=12).collect::<Vec<_>>(), 5), [0, 3, 6, 9, 12]);
    }
}
