import Core
import Glibc

/// The clock of the system.
package enum SystemTime {
    /// The time now.
    package static var now: Timestamp {
        var time = timespec()
        // CLOCK_REALTIME exists on every Linux system, so that the call cannot fail.
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}
