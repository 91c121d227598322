/* When a button was pressed, as far as this page can tell without a link: seconds since the academy's last signed word
   of the time. Of the two clocks of a page the one counts that says more, so that neither a clock that was set back nor
   a computer that slept makes anything earlier. */
export class Contact {
  /* at: when a kept page was answered; its word of the time is as old as the page. */
  constructor(token, at) {
    this.renew(token, at ?? Date.now());
  }

  renew(token, at = Date.now()) {
    Object.assign(this, { token, wall: at, steady: performance.now() });
  }

  now() {
    const milliseconds = Math.max(Date.now() - this.wall, performance.now() - this.steady);
    return { contact: this.token, elapsed: (milliseconds / 1000).toFixed(1) };
  }
}
