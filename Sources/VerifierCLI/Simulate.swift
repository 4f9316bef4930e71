internal import ArgumentParser
internal import Licensing
internal import Sealing
internal import StartupCheck
internal import Terminal

/// Answers what would happen if: at another time, with another release, with so many collectors.
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Show what check would say at another time or under another load.",
    discussion: """
      Judges the same files as check by the same rules, and writes nothing. A date is meant in the \
      license's time zone and begins with its first second. No report, receipt or renewal is assumed: \
      what is at hand is all there will be. A time before the newest that the installation has seen \
      signed is judged as of that one, for the known time does not go back.

      With --until, lists every change of the answer from --at to the end of that date.

      Exit status: that of check at the time of --at: 0 yes, 1 no, 2 it cannot be told, 64 wrong usage.

      Example: tally-verifier simulate --license acme.license --release platform.release \
      --running 1.98.190 --at 2027-11-21 --until 2028-03-01 --collectors 600
      """)

  @OptionGroup var options: CheckOptions

  @Option(
    help: ArgumentHelp(
      "When: a date, an instant (2027-11-21T08:00:00Z) or Unix seconds; else now.",
      valueName: "time"))
  var at: String?

  @Option(
    help: ArgumentHelp("List the changes of the answer up to this time.", valueName: "time"))
  var until: String?

  @Option(
    help: ArgumentHelp("How many collectors are online at once.", valueName: "number"))
  var collectors: Int64?

  @Option(
    help: ArgumentHelp(
      "Suppose that what runs came out on this date, whatever the release file says.",
      valueName: "date"))
  var released: String?

  func run() throws {
    let environment = ProcessEnvironment.all()
    let request = options.request
    let language = try Language(flag: request.lang, environment: environment)
    let question = try SimulateQuestion(
      at: at, until: until, collectors: collectors, released: released)
    let status = try request.answering {
      let opened = try request.open(environment, language)
      let answer = try question.answer(opened, product: request.product)
      switch answer.outcome.judgement {
      case .cannotTell(let reason): throw StartupCheckError(reason)
      case .verdict(let verdict):
        switch request.format {
        case .json: Output.data(answer.json)
        case .text:
          Output.data(
            SimulateText(language: language).text(answer, opened.text(verdict, language)))
        }
        return verdict.exitCode
      }
    }
    guard status == 0 else { throw ExitCode(status) }
  }
}
