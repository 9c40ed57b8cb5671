export function AlertsExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        After every epoch, rules look at numbers that tell healthy layers from sick ones. When a number is bad for some
        readings running, its rule raises an <b>alert</b>; when it is good again, the alert is over. Above are the alerts
        that go on now, then all of them over the epochs, and at the bottom the rules, so that you can see what is looked
        at and what is not. <b>Critical</b>: going on makes no sense unless something is changed. <b>Warning</b>:
        something is going wrong. <b>Info</b>: worth knowing.
      </p>
      <p>Choose an alert to see the filters, maps or metric that it is about. Alerts change nothing in the training unless it was told to stop on one. An alert that you know about can be <b>silenced</b> while the training runs: it stays here, but is not counted, and no mail or message is sent, now or when it comes again.</p>
    </details>
  );
}
