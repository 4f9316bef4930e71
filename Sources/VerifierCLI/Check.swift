internal import ArgumentParser
internal import Terminal

/// Judges whether the platform may run: what it asks when it starts.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check at start-up whether the platform may run.",
    discussion: """
      Reads the license files given, the file "standing" that the running verifier keeps, and the \
      release file of the install package. Needs no daemon, no network, no database and no writable \
      disk. A license or release file that is named must be there; the standing need not be yet, but \
      its folder must.

      Exit status: 0 yes (allow or warn), 1 no (deny), 2 it cannot be told, 64 wrong usage.

      Example: tally-verifier check --license acme.license --release platform.release \
      --running 1.98.190
      """)

  @OptionGroup var options: CheckOptions

  func run() throws {
    let status = try options.request.run(ProcessEnvironment.all())
    guard status == 0 else { throw ExitCode(status) }
  }
}
