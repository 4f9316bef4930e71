import Foundation
import Testing

extension ProgramTests {
  @Suite(.serialized) struct ClosedReaderTests {
    /// Runs a program with both streams in a pipe that nobody reads.
    /// - Returns: the exit status, or the number of the signal that ended it, negated.
    private static func unread(
      _ program: String, _ arguments: [String], on stage: Stage
    ) async throws -> Int32 {
      let pipe = Pipe()
      try pipe.fileHandleForReading.close()
      let process = Process()
      // A shell would leave SIGPIPE as it is; but whoever runs the tests may ignore it already.
      process.executableURL = URL(fileURLWithPath: try Programs.path("env"))
      process.arguments = ["--default-signal=PIPE", try Programs.path(program)] + arguments
      process.environment = ["PATH": "/usr/bin:/bin"]
      process.currentDirectoryURL = stage.folder
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = pipe.fileHandleForWriting
      process.standardError = pipe.fileHandleForWriting
      let (ends, end) = AsyncStream<Void>.makeStream()
      process.terminationHandler = { _ in end.finish() }
      try process.run()
      for await _ in ends {}
      return process.terminationReason == .uncaughtSignal
        ? -process.terminationStatus : process.terminationStatus
    }

    @Test func `a reader that has gone changes no exit status`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        try stage.write("bad", "no license")
        let check = ["check", "--release", office.release, "--running", VendorOffice.version]
        let cases: [(String, [String], Int32)] = [
          ("tally-verifier", check + ["--license", "good"] + office.trust, 0),
          ("tally-verifier", check + ["--license", "bad"] + office.trust, 1),
          ("tally-verifier", check + ["--license", "missing"] + office.trust, 2),
          ("tally", ["license", "inspect", "good"], 0),
          ("tally", ["license", "verify", "bad"] + office.trust, 1),
          ("tally-gateway", ["token", "list", "--state", "missing"], 1),
        ]
        #expect(cases.count == 6)
        for (program, words, status) in cases {
          let read = try await stage.run(program, words)
          #expect(read.status == status && !(read.output + read.errors).isEmpty, "\(read.said)")
          #expect(try await Self.unread(program, words, on: stage) == status, "\(words)")
        }
      }
    }
  }
}
