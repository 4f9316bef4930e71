import Testing
import Verifier

@Suite struct TurnstileTests {
  @Test func `who is cancelled while waiting has no turn and takes none from others`() async throws
  {
    let turnstile = Turnstile()
    try await turnstile.enter()
    let impatient = Task { try await turnstile.enter() }
    while turnstile.queue < 1 { await Task.yield() }
    let patient = Task { try await turnstile.enter() }
    while turnstile.queue < 2 { await Task.yield() }
    impatient.cancel()
    await #expect(throws: CancellationError.self) { try await impatient.value }
    #expect(turnstile.queue == 1)
    turnstile.leave()
    try await patient.value
    turnstile.leave()
    try await turnstile.enter()
  }

  @Test func `a task that is cancelled already does not enter`() async throws {
    let turnstile = Turnstile()
    await #expect(throws: CancellationError.self) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.cancelAll()
        group.addTask { try await turnstile.enter() }
        try await group.next()
      }
    }
    try await turnstile.enter()
  }
}
