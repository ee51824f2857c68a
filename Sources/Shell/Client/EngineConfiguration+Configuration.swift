import Core
import Glibc

extension EngineConfiguration {
    /// What the configuration file says to the engine.
    package init(_ configuration: Configuration) {
        self.init(
            uploadDelay: configuration.uploadDelay.nanoseconds,
            pollInterval: configuration.pollInterval.nanoseconds,
            deleteGuard: configuration.deleteGuard, host: Self.hostName,
            isReadOnly: configuration.readOnly, owner: getuid(), group: getgid(),
            rejectsNames: configuration.names == .reject,
            exclusions: configuration.exclude.map { NamePattern($0) },
            scheduler: .init(concurrency: configuration.connections),
            cache: CachePolicy(
                limit: configuration.cacheLimit, keepFree: configuration.keepFree),
            hydration: HydrationPolicy(refusing: configuration.noHydrate),
            remoteLocks: configuration.remoteLocks, file: configuration.file)
    }

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "this device" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes.prefix { $0 != 0x2E }, as: UTF8.self)
    }
}

extension Duration {
    /// Whole nanoseconds, as far as 64 bits hold them: 292 years.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue
            + attoseconds / 1_000_000_000
    }
}
