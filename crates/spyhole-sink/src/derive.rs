use spyhole_protocol::Event;

/// Makes further events out of the recorded ones: alerts out of readings.
///
/// The hub's thread calls it with every event that comes from outside, in order; what it returns is
/// recorded right behind. It must not wait. A panic is recorded as a [`Fault`](spyhole_protocol::Fault),
/// and it is called again for the next event.
pub trait Derive: Send {
    /// Name for faults, as a user would call it: `alert rules`.
    fn name(&self) -> &str;

    /// Kinds of events, by their names in JSON, that it wants to see again when an earlier run is
    /// continued.
    fn remembers(&self) -> &'static [&'static str];

    /// An event of the earlier run, in order, before anything new is recorded.
    fn recall(&mut self, event: &Event);

    /// What follows from a new event.
    fn derive(&mut self, event: &Event) -> Vec<Event>;
}
