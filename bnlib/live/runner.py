"""The computation behind an explorer: the latest setting wins, whatever thread it came on."""

import asyncio
import math
import sys
import threading
import time

FRAME_SECONDS = 1 / 25  # between two pictures of a computation that goes on
YIELD_SECONDS = 2e-4  # between two pictures, so that a callback that waits for the lock gets it
# Before the first picture of a setting, so that there is something to see: some twenty steps. Where
# Python runs in the browser they take longer, and without them every picture of a drag is the same.
FIRST_SECONDS = 0.06 if sys.platform == "emscripten" else 0.015
DRAG_SECONDS = 0.06  # in a drag, from a picture until its run goes on: the next value comes sooner
REST_SECONDS = 0.15  # without a new setting, until the picture is drawn sharp


class Runner:
    """Runs ``compute()`` for the latest setting and hands its results to be shown.

    Parameters
    ----------
    compute : function or generator function without arguments
        Reads the setting and returns a result, or yields better and better ones.
    begin : function of bool
        Called before a run; True where the picture of the run before it had come to rest.
    take : function of a result
        Called with what is to be shown next.
    display : function of an int
        Draws what was taken: plain (1) while things move, sharp (2) at rest.
    failed : function of an exception
        Told what went wrong where raising would be a traceback in nobody's cell.
    generates : bool
        Whether ``compute`` is a generator function: a run that goes on.

    Notes
    -----
    ``lock`` guards everything but ``_version``, by which a callback that waits for the lock tells
    the run at work that it is out of date. A run started from a cell or from plain Python goes to
    its end before :meth:`restart` returns. One started from the browser shows its first picture;
    a background thread goes on with it and ends when the picture has come to rest. In a drag it
    waits a little first: the next value is about to come and needs the processor. Where Python
    has no threads (in a browser, say) a task of the event loop does the same.
    """

    def __init__(self, compute, begin, take, display, failed, *, generates):
        self._compute, self._begin, self._take = compute, begin, take
        self._display, self._failed, self.generates = display, failed, generates
        self.lock = threading.RLock()
        self.at_rest = self.paused = False
        self.rested = False  # the last picture was drawn at rest, not in the midst of a drag
        self._numbering = threading.Lock()
        self._version = self._current = 0  # of the latest setting, and of the run in hand
        self._run = iter(())
        self._wake = threading.Event()
        self._goes_on = 0.0  # when the run in hand does, at the earliest
        self._drawing = 0.0  # seconds that the last picture took
        self._driver = None  # the thread or task that goes on with the run, while there is one

    @property
    def busy(self) -> bool:
        """Whether something still goes on in the background."""
        return self._driver is not None

    def restart(self, *, live: bool, background: bool, hold: bool = False):
        """Compute anew, unless a later call overtakes this one.

        ``live``: return after the first picture; ``background``: draw sharp after a while;
        ``hold``: pause after the first picture.
        """
        version = self._next_version()
        try:
            self._restart(version, live, background, hold)
        except KeyboardInterrupt as error:  # at work, or while it waited for the lock
            with self.lock:
                if version == self._version:
                    self._current = version
                    self._give_up(error)
                    if live or background:
                        self._drive()
            if not live:  # a cell ends with it, a slider has nobody to tell
                raise

    def _restart(self, version, live, background, hold):
        with self.lock:
            if version != self._version:
                return
            in_drag = not self.rested
            try:
                self._begin(self.rested)
                self._start(version, hold)
                if live and self.generates:
                    self._advance(version, 0.0 if hold else FIRST_SECONDS)
                else:
                    self._advance(version)
                    self.rested = self.at_rest and not live
            except Exception as error:
                if not live:
                    raise
                self._give_up(error)
            self._goes_on = time.perf_counter() + DRAG_SECONDS * (in_drag and live)
            if live or background:
                self._drive()

    def each(self, scale):
        """Compute anew in the caller's time: yields once each result is on show."""
        version = self._next_version()
        try:
            with self.lock:
                self._start(version)
            while version == self._version:
                with self.lock:
                    if self._take_next():
                        return
                    self._display(scale)
                yield
        finally:
            if version == self._version and not self.at_rest:  # left on the way, or failed
                self.stop()

    def stop(self):
        """Abandon whatever runs."""
        self._next_version()
        with self.lock:
            self._abandon()
            self.at_rest, self._current = True, self._version

    def pause_or_resume(self):
        """Hold a run that goes on, or let it go on again; nothing where it is over."""
        with self.lock:
            if not self.at_rest:
                self.paused = not self.paused
                self._drive()

    def step(self):
        """Hold the run and go one result further; from the start where it was over."""
        with self.lock:
            if self.at_rest:
                self.restart(live=True, background=True, hold=True)
                return
            self.paused = True
            try:
                self._take_next()
                self._display(1)
            except (Exception, KeyboardInterrupt) as error:
                self._give_up(error)
            self._drive()

    def _start(self, version, hold=False):
        self._abandon()
        self._current, self.at_rest, self.rested, self.paused = version, False, False, hold
        outcome = self._compute()
        self._run = outcome if self.generates else iter((outcome,))

    def _abandon(self):
        """Let a generator that has not come to its end release what it holds."""
        if hasattr(self._run, "close"):
            self._run.close()
        self._run = iter(())

    def _next_version(self) -> int:
        with self._numbering:
            self._version += 1
            self._wake.set()
            return self._version

    def _take_next(self) -> bool:
        """Go one result further; whether there was none."""
        result = next(self._run, None)
        self.at_rest = result is None
        if not self.at_rest:
            self._take(result)
        return self.at_rest

    def _advance(self, version, seconds=math.inf):
        """Go on so long, or to the end, and draw; nothing is drawn that is out of date."""
        result, self.rested, until = None, False, time.perf_counter() + seconds
        for result in self._run:  # noqa: B007
            if version != self._version:
                return
            if time.perf_counter() > until:
                break
        else:
            self.at_rest = True
        begun = time.perf_counter()
        if result is not None:
            self._take(result)
        self._display(1)
        self._drawing = time.perf_counter() - begun  # a costly picture comes less often

    def _give_up(self, error):
        self._run, self.at_rest = iter(()), True
        self._failed(error)

    # -- in the background -----------------------------------------------------------------

    def _drive(self):
        self._wake.set()
        if self._driver is not None:
            return
        try:
            self._driver = threading.Thread(target=self._in_thread, daemon=True)
            self._driver.start()
        except RuntimeError:  # no threads here
            try:
                self._driver = asyncio.get_running_loop().create_task(self._in_loop())
            except RuntimeError:  # nor a loop: nobody goes on later, so do it now
                self._driver = None
                for _ in self._work():
                    pass

    def _in_thread(self):
        for seconds in self._work():
            self._wake.wait(seconds)

    async def _in_loop(self):
        for seconds in self._work():
            await asyncio.sleep(seconds)

    def _work(self):
        """Go on with whatever run is current until it rests; yields seconds to wait."""
        while True:
            self._wake.clear()
            version, resting = self._version, self.at_rest or self.paused
            left = self._goes_on - time.perf_counter()
            yield REST_SECONDS if resting else max(left, YIELD_SECONDS)
            with self.lock:
                current = version == self._version == self._current
                if not current or resting != (self.at_rest or self.paused):
                    continue
                if not resting and time.perf_counter() < self._goes_on:
                    continue
                try:
                    if not resting:
                        self._advance(version, max(FRAME_SECONDS, 2 * self._drawing))
                        continue
                    self._display(2)
                    self.rested = True
                except (Exception, KeyboardInterrupt) as error:
                    self._give_up(error)
                self._driver = None
                return
