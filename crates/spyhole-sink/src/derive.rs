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

    /// Back to the beginning, because the run has records already; [`recall`](Self::recall) follows. Once before
    /// anything new is seen, and again when the training starts.
    fn forget(&mut self);

    /// An event of the earlier run that still counts, in order, before anything new.
    fn recall(&mut self, event: &Event);

    /// An event of the earlier run that counts no longer, because the training goes on from before its epoch; in
    /// order, between those that are recalled.
    fn leave(&mut self, event: &Event) {
        let _ = event;
    }

    /// What follows from a new event.
    fn derive(&mut self, event: &Event) -> Vec<Event>;
}
