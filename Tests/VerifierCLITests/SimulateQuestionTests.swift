import Libcrypto
import Licensing
import Platform
import StartupCheck
import TestSupport
import Testing

@testable import VerifierCLI

struct SimulateQuestionTests {
  private struct BrokenClock: WallClock {
    func now() throws(PlatformError) -> Int64 {
      throw PlatformError(.clockUnreadable, "broken")
    }
  }

  @Test func `a clock that cannot be read leaves the answer untold, and --at does without`() throws
  {
    let vendor = try TestVendor()
    let opened = CheckRequest.Opened(
      dossier: Dossier(roots: vendor.roots, using: LibcryptoProvider()), running: nil)
    func answer(at time: String?) throws -> SimulateAnswer {
      try SimulateQuestion(at: time, until: nil, collectors: nil, released: nil)
        .answer(opened, product: nil, clock: BrokenClock())
    }
    let error = #expect(throws: StartupCheckError.self) { try answer(at: nil) }
    #expect(error?.code == .clockUnreadable && error?.isWrongUsage == false)
    #expect(error?.message.contains("--at") == true)
    #expect(try answer(at: "1795219200").outcome.asked == 1_795_219_200)
  }
}
