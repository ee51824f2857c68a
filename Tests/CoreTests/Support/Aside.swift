import Dispatch

/// Computes for long beside the tests, one thing after the other on a thread of its own.
///
/// The few threads of Swift's concurrency are needed by tests that wait for something.
enum Aside {
    private static let queue = DispatchQueue(label: "tests.aside")

    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
