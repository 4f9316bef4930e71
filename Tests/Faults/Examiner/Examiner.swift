import Glibc
import Licensing
import Logging
import Platform
import Sealing
import StartupCheck
import Verifier

/// Looks through one state folder after the other as `tally-verifier usage verify --format json` does, in one
/// process: of half a million damaged folders each would otherwise pay for the start of a program.
///
/// Takes the vendor's `root.jwks` as its only word, and the path of a folder from each line of its standard
/// input. Writes a line for each, a JSON object: `status`, the exit status that the program would have;
/// `report`, what it would write, where there is something; `said`, what it would say. The harness holds
/// some of them against the program itself.
@main struct Examiner {
  static func main() async throws {
    let anchor = try TrustAnchor(file: CommandLine.arguments.dropFirst().first)
    while let folder = readLine() {
      print(await examine(folder, anchor).text)
      fflush(nil)
    }
  }

  private static func examine(_ folder: String, _ anchor: TrustAnchor) async -> JSONValue {
    let surroundings = Surroundings(
      folder: StateFolder(folder), roots: anchor.roots, wall: SystemClock(), boot: SystemClock(),
      bootID: Surroundings.currentBootID())
    do throws(VerifierError) {
      let report = try await VerifierApplication.withDesk(
        surroundings, mayBegin: false, logger: Logger(label: "examiner"),
        direct: { desk throws(VerifierError) in try await desk.review() },
        served: { client throws(VerifierError) in try await client.review() })
      let isWhole = report["finding"] == nil
      return ["status": .integer(isWhole ? 0 : 1), "report": report, "said": ""]
    } catch {
      return [
        "status": .integer(error.code == .ledgerUnusable ? 1 : 2),
        "said": .string(error.message),
      ]
    }
  }
}
