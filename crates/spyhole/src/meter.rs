//! What analyses use: CPU time of the threads that compute for them, or time by the clock where another device
//! computes.
//!
//! The clock alone says how long an analysis took, which on a busy machine is mostly how long its threads waited for a
//! core: they give way. What they use is taken from the training, so that is what is billed. On another device there is
//! no such clock; its results are waited for, and that time is billed as if the device had worked all through it.

use std::cell::RefCell;
use std::ops::{Add, Sub};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use burn::tensor::Device;
use spyhole_graph::on_start_of_helpers;
use spyhole_protocol::Clock;

/// What is billed, and what there is of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) clock: Clock,
    /// How many such seconds the process may use in each second that passes.
    pub(crate) cores: u32,
}

impl Measure {
    /// For what is computed on a device. The CPU time of a thread is read on Linux; elsewhere what the CPU computes is
    /// billed by the clock too, as if all cores had worked: the most that it can have been.
    pub(crate) fn of(device: &Device) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if *device == Device::flex() && cpu::Thread::current().is_some() {
            Self { clock: Clock::Cpu, cores: u32::try_from(cores).unwrap_or(u32::MAX) }
        } else {
            Self { clock: Clock::Wall, cores: 1 }
        }
    }

    /// For how many seconds the process would have nothing else to do.
    pub(crate) fn bill(self, work: f64) -> f64 {
        work / f64::from(self.cores)
    }

    /// What such a bill is for.
    pub(crate) fn work(self, bill: f64) -> f64 {
        bill * f64::from(self.cores)
    }
}

/// What something has used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Used {
    /// Seconds by the clock.
    pub(crate) seconds: f64,
    /// Seconds of what is billed.
    pub(crate) work: f64,
}

impl Add for Used {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { seconds: self.seconds + other.seconds, work: self.work + other.work }
    }
}

/// Never below nothing: readings of several threads are not of one moment.
impl Sub for Used {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let less = |a: f64, b: f64| (a - b).max(0.0);
        Self { seconds: less(self.seconds, other.seconds), work: less(self.work, other.work) }
    }
}

/// Reads what was used so far.
#[derive(Clone)]
pub(crate) struct Meter {
    pub(crate) measure: Measure,
    read: Arc<dyn Fn() -> Used + Send + Sync>,
}

impl Meter {
    /// Of what these threads compute on a device.
    pub(crate) fn new(crew: &Crew, device: &Device) -> Self {
        let measure = Measure::of(device);
        let (crew, start) = (crew.clone(), Instant::now());
        Self::with(measure, move || {
            let seconds = start.elapsed().as_secs_f64();
            let work = match measure.clock {
                Clock::Cpu => crew.used().as_secs_f64(),
                Clock::Wall => seconds,
            };
            Used { seconds, work }
        })
    }

    pub(crate) fn with(measure: Measure, read: impl Fn() -> Used + Send + Sync + 'static) -> Self {
        Self { measure, read: Arc::new(read) }
    }

    /// What was used since some moment that is the same for all readings.
    pub(crate) fn read(&self) -> Used {
        (self.read)()
    }
}

/// Threads that compute for one of the monitoring's threads, that one among them, and those they start. A clone is a
/// handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crew(Arc<Mutex<Members>>);

#[derive(Debug, Default)]
struct Members {
    present: Vec<cpu::Thread>,
    /// The CPU time of those that have ended.
    gone: Duration,
}

thread_local!(static MEMBER: RefCell<Option<Member>> = const { RefCell::new(None) });

/// A thread's membership, which ends with the thread.
struct Member {
    crew: Crew,
    thread: cpu::Thread,
}

impl Crew {
    /// Counts the calling thread in until it ends, and those that will help it.
    pub(crate) fn enlist(&self) {
        if let Some(thread) = cpu::Thread::current() {
            self.lock().present.push(thread);
            MEMBER.set(Some(Member { crew: self.clone(), thread }));
        }
        let crew = self.clone();
        on_start_of_helpers(move || crew.enlist());
    }

    /// The CPU time of all of them so far.
    fn used(&self) -> Duration {
        let members = self.lock();
        let present = members.present.iter().filter_map(|thread| thread.time());
        present.fold(members.gone, Duration::saturating_add)
    }

    fn lock(&self) -> MutexGuard<'_, Members> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut members = self.crew.lock();
        members.present.retain(|thread| *thread != self.thread);
        members.gone = members.gone.saturating_add(self.thread.time().unwrap_or_default());
    }
}

#[cfg(target_os = "linux")]
mod cpu {
    use std::time::Duration;

    use nix::time::ClockId;

    /// The CPU clock of a thread of this process.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Thread(ClockId);

    impl Thread {
        /// `None` where the system does not tell.
        pub(super) fn current() -> Option<Self> {
            // The kernel's number of a thread's clock, which `pthread_getcpuclockid` makes in the same way: the thread
            // below three bits that say "of a thread, by the scheduler's reckoning".
            let clock = Self(ClockId::from_raw((!nix::unistd::gettid().as_raw() << 3) | 6));
            clock.time().map(|_| clock)
        }

        /// `None` once it has ended.
        pub(super) fn time(self) -> Option<Duration> {
            let now = self.0.now().ok()?;
            // What pretends another time to a program can set this clock back below 0, too.
            let whole = u64::try_from(now.tv_sec()).unwrap_or_default();
            Some(Duration::new(whole, u32::try_from(now.tv_nsec()).unwrap_or_default()))
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod cpu {
    /// There is none.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Thread {}

    impl Thread {
        pub(super) fn current() -> Option<Self> {
            None
        }

        pub(super) fn time(self) -> Option<std::time::Duration> {
            match self {}
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use spyhole_graph::helpers;

    use super::*;
    use crate::background;

    const BURNT: Duration = Duration::from_millis(60);
    const SLEPT: Duration = Duration::from_millis(600);

    /// Until this thread has used so much, however long that takes.
    fn burn() {
        let thread = cpu::Thread::current().expect("Linux tells");
        let begin = thread.time();
        while thread.time() < begin.map(|begin| begin + BURNT) {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn billed_is_what_all_threads_have_used_and_not_what_they_waited() {
        // How many threads burn at once.
        let cases: [(&str, f64, fn()); 4] = [
            ("sleeping", 0.0, || std::thread::sleep(SLEPT)),
            ("one thread", 1.0, || {
                burn();
                std::thread::sleep(SLEPT);
            }),
            ("its pool", rayon::current_num_threads() as f64, || {
                rayon::broadcast(|_| burn());
                std::thread::sleep(SLEPT);
            }),
            ("helpers that have ended, and their helpers", 5.0, || {
                let two = || helpers(2).expect("there are threads");
                two().broadcast(|_| {
                    two().broadcast(|_| burn());
                });
                helpers(1).expect("there are threads").install(burn);
                std::thread::sleep(SLEPT);
            }),
        ];
        for (name, threads, work) in cases {
            let crew = Crew::default();
            let (sender, receiver) = std::sync::mpsc::channel();
            let thread = background::spawn("spyhole-test", true, crew.clone(), move || {
                let meter = Meter::new(&crew, &Device::flex());
                let before = meter.read();
                work();
                sender.send((meter.measure, meter.read() - before)).expect("the test waits");
            });
            thread.expect("there are threads").join().expect("it does not panic");
            let (measure, used) = receiver.recv().expect("it was sent");
            assert_eq!(measure.clock, Clock::Cpu);
            let burnt = threads * BURNT.as_secs_f64();
            assert!(used.work >= 0.99 * burnt, "{name}: {used:?}, {burnt} were burnt");
            assert!(used.work < burnt + 0.5 * SLEPT.as_secs_f64(), "{name}: {used:?} of {burnt}");
            assert!(used.seconds >= SLEPT.as_secs_f64(), "{name}: {used:?}");
            assert_eq!(measure.bill(f64::from(measure.cores)), 1.0);
        }
    }

    #[test]
    fn another_device_is_billed_by_the_clock() {
        let meter = Meter::with(Measure { clock: Clock::Wall, cores: 1 }, Used::default);
        assert_eq!(meter.measure.bill(meter.read().work + 3.0), 3.0);
    }
}
