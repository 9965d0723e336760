import Glibc
import Journal

/// Runs what blocks for long on a thread of its own: tasks share as many as there are cores, on a small
/// machine one, and signals and the admin port need it meanwhile.
func onThread<T: Sendable>(
    named name: String, _ body: @escaping @Sendable () throws -> T
) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        do {
            _ = try PlainThread(name: name) {
                // Nobody joins it.
                pthread_detach(pthread_self())
                continuation.resume(with: Result { try body() })
            }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}
