/* When a button was pressed, as far as this page can tell without a link: seconds since the academy's last signed word
   of the time. Of the two clocks of a page the one counts that says more, so that neither a clock that was set back nor
   a computer that slept makes anything earlier. */
export class Contact {
  constructor(token) {
    this.renew(token);
  }

  renew(token) {
    Object.assign(this, { token, wall: Date.now(), steady: performance.now() });
  }

  now() {
    const milliseconds = Math.max(Date.now() - this.wall, performance.now() - this.steady);
    return { contact: this.token, elapsed: (milliseconds / 1000).toFixed(1) };
  }
}
