/** Requests of which only the newest counts. */

export class Latest {
  #timer = 0;
  #controller = new AbortController();

  /**
   * Runs a task after a delay, unless another one follows within it. An earlier task that still runs is
   * aborted when this one begins, so that no old answer comes after a new one.
   * @param {number} delay in milliseconds
   * @param {function(AbortSignal): Promise<void>} task
   */
  run(delay, task) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(task), delay);
  }

  /** Aborts what runs or waits. */
  stop() {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  async #begin(task) {
    this.#controller.abort();
    this.#controller = new AbortController();
    await task(this.#controller.signal);
  }
}
