internal import ArgumentParser
internal import Sealing
internal import Terminal
internal import Verifier

/// Binds the license to this installation at the vendor's gateway.
struct Activate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Activate this installation at the vendor's gateway.",
    discussion: """
      An activation holds for the license's line, so that a renewal needs no new one. Asking again \
      changes nothing. While serve runs it is asked to do it; serve also does it by itself.

      Example: tally-verifier activate --state /var/lib/tally-verifier
      """)

  @OptionGroup var options: StateOptions

  func run() async throws {
    let surroundings = try options.surroundings(try options.read())
    let json = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in try await desk.activate().json },
      served: { client throws(VerifierError) in try await client.activate() })
    try OutcomeStatus.require(json)
    Output.talk(json["detail"]?.string ?? "activated")
  }
}
