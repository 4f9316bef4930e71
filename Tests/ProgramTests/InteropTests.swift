import Foundation
import Testing

extension ProgramTests {
  @Suite(.serialized) struct InteropTests {
    @Test func `PyJWT and joserfc open our licenses, and what they forge is refused`() async throws
    {
      try await Stage.play { stage in
        let outcome = try await Command.run(
          try Programs.python(),
          [
            Programs.script("jose_interop.py"), "--programs", Programs.folder.path, "--work",
            stage.path("work"),
          ], in: stage.folder, seconds: 300)
        #expect(outcome.status == 0, "\(outcome.said)")
        #expect(
          outcome.output.contains("16 opened, 4 accepted, 112 refused"), "\(outcome.said)")
      }
    }
  }
}
