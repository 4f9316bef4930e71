internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Platform
internal import Reporting
internal import Sealing
internal import Terminal

/// Takes what an installation reports by file.
struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a bundle that an installation wrote, and write the answer to it.",
    discussion: """
      A bundle is what tally-verifier usage export made: an enrolment, usage records, a sign of life. \
      It is taken as if it had come by wire, 1000 records at a time, and everything that the answer \
      acknowledges is durable. The answer holds the activation, the receipts, and what the back channel \
      brings: newer licenses of the line, keyset, revocations. The customer gives it to tally-verifier \
      usage import. The same bundle gets the same receipts, however often it is brought.

      While serve runs on the state folder it is asked to take the bundle; else the folder is opened, \
      for which the key, its passphrase and the keyset are needed as by serve.

      Exit status: 0 everything was taken; 1 something was refused, and the code says why: what was \
      acknowledged before it is in the answer; 2 it could not be done.

      Example: tally-gateway import 2026-11.bundle --out 2026-11.answer --state /var/lib/tally-gateway \
      --key gateway.pem --passphrase-file passphrase --keyset vendor.keyset
      """)

  @Argument(help: ArgumentHelp("The bundle's file.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The answer's file to make; it must not exist.", valueName: "file"))
  var out: String

  @Option(help: "How to write what became of the bundle.")
  var format: Format = .text

  @OptionGroup var keyed: KeyedOptions

  func run() async throws {
    guard !Files.exists(out) else {
      throw CommandError(.fault, "\(out) exists already: name another or remove it")
    }
    let bundle = try read()
    let outcome = try await keyed.work(
      served: { try await BundleIntake.take(bundle, at: ServeDesk($0)) },
      opened: { try await BundleIntake.take(bundle, at: $0) })
    if !outcome.answer.isEmpty {
      try Files.create(out, with: Array(outcome.answer.file.utf8))
    }
    switch format {
    case .json: Output.data(BundleText.json(outcome, out: out))
    case .text: Output.data(BundleText.text(outcome))
    }
    guard let problem = outcome.problem else { return }
    let written = outcome.answer.isEmpty ? "no answer was written" : "the rest is in \(out)"
    throw CommandError(
      .refused,
      "\(problem.code.rawValue): \(problem.detail)\(BundleText.hint(problem)); \(written)",
      chinese: problem.code.chinese)
  }

  private func read() throws -> ReportBundle {
    let bytes = try Files.read(file, maximum: ReportBundle.maximumSize)
    do throws(Refusal) { return try ReportBundle(file: bytes) } catch {
      throw CommandError(.refused, "\(file): \(error)", refusal: error)
    }
  }
}
