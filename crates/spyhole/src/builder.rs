use std::net::IpAddr;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use spyhole_alert::Alerts;
use spyhole_probe::FeatureSettings;
use spyhole_sink::{Derive, Hub, HubOptions, RunLog, Server, ServerOptions, Shelf, Sink, serve};

use crate::alerts::{self, AlertRules, StopOnAlert, StopSignal};
use crate::analysis::{self, Analysis};
use crate::controls::Controls;
use crate::device;
use crate::error::SpyholeError;
use crate::gallery::Gallery;
use crate::probe_set::{Probe, ProbeSet};
use crate::schedule::Budget;
use crate::studio::{Studies, Studio};
use crate::watch::{Outlook, Watch};

/// How long dropping waits for the disk, while a study does not end.
const DROP_PATIENCE: Duration = Duration::from_secs(2);

/// Numbers that the user can change.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) followed: usize,
    pub(crate) features: FeatureSettings,
    pub(crate) queue: usize,
    pub(crate) patience: Duration,
    pub(crate) studies: Studies,
    pub(crate) gallery: Option<Gallery>,
    pub(crate) analyses: Vec<Analysis>,
    /// Share of the time for analyses and studies together.
    pub(crate) share: f64,
    /// Ceiling in bytes.
    pub(crate) memory: Option<usize>,
    pub(crate) every_steps: Option<NonZeroU64>,
    /// Where analyses are computed.
    pub(crate) device: Device,
    /// Whether there is a training that analyses give way to.
    pub(crate) gives_way: bool,
}

impl Settings {
    pub(crate) fn budget(&self) -> Budget {
        Budget { share: self.share, studies: self.studies.share }
    }

    /// The studies, within the budget.
    pub(crate) fn scheduled_studies(&self) -> Studies {
        Studies { share: self.budget().studies_share(), ..self.studies }
    }

    fn check(&self) -> Result<(), SpyholeError> {
        if !(self.share.is_finite() && self.share >= 0.0) {
            return Err(SpyholeError::Budget { share: self.share });
        }
        if self.memory == Some(0) {
            return Err(SpyholeError::NoMemory);
        }
        [&Device::flex(), &self.device].into_iter().try_for_each(device::check_precision)
    }

    /// Images where analyses are computed.
    ///
    /// # Errors
    /// When that device cannot be used.
    pub(crate) fn on_device(&self, images: &Tensor<4>) -> Result<Tensor<4>, SpyholeError> {
        device::moved(images, &self.device).map_err(|message| SpyholeError::AnalysisDevice {
            device: device::name(&self.device),
            message,
        })
    }
}

/// Settings for watching one training run; see [`Spyhole::builder`].
#[derive(Debug)]
pub struct SpyholeBuilder {
    run_dir: PathBuf,
    probe: ProbeSet,
    settings: Settings,
    alerts: Alerts,
    dashboard: bool,
    server: ServerOptions,
    sinks: SinkList,
}

#[derive(Default)]
struct SinkList(Vec<Box<dyn Sink>>);

impl std::fmt::Debug for SinkList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|sink| sink.name())).finish()
    }
}

impl SpyholeBuilder {
    /// Name of the run, shown on the dashboard. Default: the name of the run directory.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = name.into();
        self
    }

    /// How many feature maps per layer are followed through all epochs. Default 8, evenly spread over
    /// the layer's maps. More show more of a layer; the cost of an analysis grows in proportion.
    pub fn followed_maps(mut self, count: usize) -> Self {
        self.settings.followed = count;
        self
    }

    /// How many of each layer's strongest feature maps are shown per epoch. Default 9.
    pub fn strongest_maps(mut self, count: usize) -> Self {
        self.settings.features.strongest = count;
        self
    }

    /// Port of the dashboard. Default 0: any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.dashboard = true;
        self.server.port = port;
        self
    }

    /// Address that the dashboard listens at. Default 127.0.0.1, which only programs on this machine can reach.
    ///
    /// With another one, other machines can open the dashboard, if they have its token. The connection is not
    /// encrypted: whoever can read it has the token, and can stop the training. An ssh tunnel to 127.0.0.1 is
    /// safer; [`Spyhole::warning`] says how.
    pub fn bind(mut self, address: IpAddr) -> Self {
        self.server.bind = address;
        self
    }

    /// A name of this machine under which browsers may open the dashboard, besides `localhost` and its addresses:
    /// `box.example.org`, without a port. Can be given several times.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.server.hosts.push(name.into());
        self
    }

    /// Record only: no dashboard while training. `spyhole view RUN_DIR` shows the run at any time.
    pub fn no_dashboard(mut self) -> Self {
        self.dashboard = false;
        self
    }

    /// How many snapshots may wait while an earlier one is analysed. Default 2. Each holds one copy of
    /// the model's weights; when all places are taken, the next epoch is not analysed, and is counted.
    pub fn queue(mut self, snapshots: usize) -> Self {
        self.settings.queue = snapshots.max(1);
        self
    }

    /// The largest share of the time that the analysis of epochs and scheduled studies together may take, 0 to 1: of
    /// the CPU time that the process may use, which is the wall time times its cores (by affinity and quota). CPU time
    /// is added up over all threads that compute for them; waiting for a core costs nothing. On another
    /// [device](Self::analysis_device), and on other systems than Linux, the wall time of the analyses is taken instead,
    /// as a share of the wall time.
    ///
    /// Default 0.1, of which 0.03 are for studies ([`Studies::share`]). Where not everything fits in, filters and alerts
    /// are looked at first, then feature maps, activity and evolution have their turns, evenly; the dashboard says what
    /// was left out and why. The first second of work, the first reading of the weights and the last epoch come
    /// on top. From 1 on nothing is left out of an epoch; one that finds the [queue](Self::queue)
    /// full is dropped all the same.
    pub fn budget(mut self, share: f64) -> Self {
        self.settings.share = share;
        self
    }

    /// Memory that the monitoring may take for snapshots, intermediate results and pictures, in bytes, roughly.
    /// Default: as much as 1 GiB for the sweep over the probe images, as much for a study, and a copy of the weights for
    /// each place in the [queue](Self::queue). What a ceiling makes smaller is shown on the dashboard.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.settings.memory = Some(bytes);
        self
    }

    /// For long epochs: looks at the model within them too, after every so many updates of the weights by the
    /// optimizer. Filters, their health and alerts are recorded for the running epoch, feature maps as far as the
    /// budget allows, and the epoch's end takes their place. Default, and 0: only at the ends of epochs.
    pub fn every_steps(mut self, updates: u64) -> Self {
        self.settings.every_steps = NonZeroU64::new(updates);
        self
    }

    /// Where analyses are computed. Default: the CPU. On the device that trains no weights are copied, but both take
    /// turns there. With Burn's feature `remote` it can be a device of another machine. If it stops answering, that is
    /// a fault on the dashboard, and the rest of the run is analysed on the CPU.
    pub fn analysis_device(mut self, device: impl Into<Device>) -> Self {
        self.settings.device = device.into().inner();
        self
    }

    /// How long the end of a training waits for the analysis of its last epochs, and for the studies of the last one.
    /// Default a minute.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.settings.patience = patience;
        self
    }

    /// What raises an alert, and what is done about it. Default: the
    /// [default rules](spyhole_alert::rules::defaults), shown on the dashboard and written to the log with
    /// `tracing`.
    pub fn alerts(mut self, alerts: Alerts) -> Self {
        self.alerts = alerts;
        self
    }

    /// When costly looks at the network are taken: top images of every unit, directions, embeddings, synthetic
    /// images. Default: every 5 epochs, 0.03 of the time at most; the dashboard can ask for more.
    pub fn studies(mut self, studies: Studies) -> Self {
        self.settings.studies = studies;
        self
    }

    /// Images to search for what excites each feature map most. Default: the probe images.
    pub fn gallery(mut self, gallery: Gallery) -> Self {
        self.settings.gallery = Some(gallery);
        self
    }

    /// A further number per layer and epoch. For rules about it, tell [`Alerts::statistic`] of it as well.
    pub fn analysis(mut self, analysis: Analysis) -> Self {
        self.settings.analyses.push(analysis);
        self
    }

    /// A further receiver of everything that is recorded.
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.sinks.0.push(Box::new(sink));
        self
    }

    /// Checks the probe images, opens the run directory and starts the dashboard. An earlier run in the directory is
    /// continued by a training that begins above epoch 1; any other becomes a run of its own beside it
    /// ([`Spyhole::store`]).
    ///
    /// # Errors
    /// When the probe images, the run directory, an alert's address or command, the name of an analysis, or the port
    /// cannot be used.
    pub fn build(mut self) -> Result<Spyhole, SpyholeError> {
        if self.run_dir.as_os_str().is_empty() {
            return Err(SpyholeError::NoRunDir);
        }
        self.settings.check()?;
        analysis::check(&self.settings.analyses)?;
        for analysis in &self.settings.analyses {
            self.alerts = self.alerts.statistic(analysis.statistic().clone())?;
        }
        let probe = Probe::check(self.probe, &Device::flex())?;
        self.settings.on_device(&probe.images.clone().narrow(0, 0, 1))?;
        let mut sinks = alerts::sinks(&self.alerts, &self.run_dir)?;
        sinks.extend(self.sinks.0);
        let stop = StopSignal::default();
        let derive: Vec<Box<dyn Derive>> =
            vec![Box::new(AlertRules::new(&self.alerts, stop.clone()))];
        let hub = Hub::open_deriving(&self.run_dir, HubOptions::default(), derive, sinks)?;
        let studio = Studio::new(&hub, self.settings.scheduled_studies());
        let server = if self.dashboard {
            let control = Arc::new(Controls::new(&studio, &hub, &stop, &self.alerts));
            Some(serve(Shelf::training(hub.recording(), Some(control)), self.server)?)
        } else {
            None
        };
        if let Some(warning) = server.as_ref().and_then(Server::warning) {
            tracing::warn!("{warning}");
        }
        let watching = AtomicBool::new(false);
        let Self { settings, alerts, run_dir, .. } = self;
        Ok(Spyhole { server, hub, probe, settings, alerts, stop, studio, run_dir, watching })
    }
}

/// The window through which one training run is watched. It records to the run directory and serves
/// the dashboard for as long as it lives.
#[derive(Debug)]
pub struct Spyhole {
    // Dropped first, so that no reader is left when the hub ends.
    server: Option<Server>,
    hub: Hub,
    probe: Probe,
    settings: Settings,
    alerts: Alerts,
    stop: StopSignal,
    studio: Arc<Studio>,
    run_dir: PathBuf,
    watching: AtomicBool,
}

impl Spyhole {
    /// Settings for a run that is recorded in `run_dir` and probed with those images.
    pub fn builder(run_dir: impl AsRef<Path>, probe: ProbeSet) -> SpyholeBuilder {
        let run_dir = run_dir.as_ref().to_path_buf();
        let name = run_dir.file_name().map_or("run".into(), |name| name.to_string_lossy().into());
        SpyholeBuilder {
            run_dir,
            probe,
            settings: Settings {
                name,
                followed: 8,
                features: FeatureSettings::default(),
                queue: 2,
                patience: Duration::from_secs(60),
                studies: Studies::default(),
                gallery: None,
                analyses: vec![],
                share: 0.1,
                memory: None,
                every_steps: None,
                device: Device::flex(),
                gives_way: true,
            },
            alerts: Alerts::default(),
            dashboard: true,
            server: ServerOptions::default(),
            sinks: SinkList::default(),
        }
    }

    /// Address of the dashboard, with the token that opens it; `None` without a dashboard.
    pub fn url(&self) -> Option<&str> {
        self.server.as_ref().map(Server::url)
    }

    /// What to tell the user when the dashboard is open to other machines ([`SpyholeBuilder::bind`]): what that means,
    /// and the tunnel that is safer. It is logged with `tracing` as well.
    pub fn warning(&self) -> Option<String> {
        self.server.as_ref().and_then(Server::warning)
    }

    /// The directory that the run is recorded in.
    pub fn run_dir(&self) -> &Path {
        &self.run_dir
    }

    /// The file in there that the run is recorded in: `run.sqlite`. A directory that holds a run already gets a further
    /// one beside it, `run-2.sqlite`, when a training begins in it at epoch 1, or one of another network: from when the
    /// first epoch is known this names it, and so does the dashboard.
    pub fn store(&self) -> PathBuf {
        self.hub.log().store().to_owned()
    }

    /// What was recorded so far, in the run that is recorded now ([`store`](Self::store)).
    pub fn log(&self) -> RunLog {
        self.hub.log()
    }

    /// For `training.early_stopping(…)` of burn-train: ends the training when an alert asks for it
    /// ([`Alerts::stop_at`], [`Alerts::stop_on`]). It ends at the end of an epoch, after that epoch's
    /// checkpoint was written; with several devices as well. burn-train takes one strategy only: combine
    /// another one by [`StopOnAlert::or`].
    pub fn early_stopping(&self) -> StopOnAlert {
        StopOnAlert::new(self.stop.clone())
    }

    pub(crate) fn check_stop(&self) -> Result<(), SpyholeError> {
        let stop = &self.alerts.actions().stop;
        let wanted = stop.from.is_some() || !stop.rules.is_empty();
        if wanted && !self.stop.is_connected() {
            return Err(SpyholeError::StopNotConnected);
        }
        Ok(())
    }

    /// Records `forward(model, images)` and starts the analysis thread. For your own training loop; with
    /// burn-train, [`launch_watched`](crate::LaunchWatched::launch_watched) does it.
    ///
    /// # Errors
    /// When the model cannot be recorded, has no convolutions, or rejects the probe images, or when an alert
    /// rule names a layer that it does not have: before the first training step, and without having
    /// changed the model.
    pub fn watch<M, const D: usize>(
        &self,
        model: &M,
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<Watch<M>, SpyholeError>
    where
        M: Module + 'static,
    {
        self.watch_as(&self.settings, model, forward)
    }

    /// An inspection: nobody trains, so that no budget leaves anything out.
    pub(crate) fn watch_without_training<M, const D: usize>(
        &self,
        model: &M,
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<Watch<M>, SpyholeError>
    where
        M: Module + 'static,
    {
        let settings = Settings { share: 1.0, gives_way: false, ..self.settings.clone() };
        self.watch_as(&settings, model, forward)
    }

    fn watch_as<M, const D: usize>(
        &self,
        settings: &Settings,
        model: &M,
        forward: impl Fn(&M, Tensor<4>) -> Tensor<D>,
    ) -> Result<Watch<M>, SpyholeError>
    where
        M: Module + 'static,
    {
        if self.watching.swap(true, Ordering::Relaxed) {
            return Err(SpyholeError::AlreadyWatching);
        }
        let outlook = Outlook {
            hub: &self.hub,
            probe: &self.probe,
            settings,
            alerts: &self.alerts,
            stop: &self.stop,
            studio: &self.studio,
        };
        let watch = Watch::start(model, forward, outlook);
        if watch.is_err() {
            self.watching.store(false, Ordering::Relaxed);
        }
        watch
    }
}

impl Drop for Spyhole {
    fn drop(&mut self) {
        if !self.studio.close() {
            // The run must not stay locked for as long as a study takes to notice.
            self.hub.close(DROP_PATIENCE);
        }
    }
}
