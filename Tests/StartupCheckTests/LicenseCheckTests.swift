import Licensing
import Sealing
import StartupCheck
import Testing

/// The check as an embedding program calls it.
struct LicenseCheckTests {
  private let vendor: Vendor
  private let folder: Folder
  private let root: String
  private let license: String
  private let release: String

  init() throws {
    vendor = try Vendor()
    folder = try Folder()
    root = try folder.write("root.jwks", vendor.roots.json.serialized)
    license = try folder.write("the.license", try vendor.licenseFile())
    release = try folder.write("the.release", try vendor.releaseFile())
  }

  /// A build with a root of its own takes no other: only its refusal can then be seen.
  private func answer(
    licenses: [String], standing: String? = nil, running: String? = "1.0"
  ) throws(StartupCheckError) -> LicenseCheck.Answer? {
    do throws(StartupCheckError) {
      return try LicenseCheck(
        licenseFiles: licenses, standingFile: standing, releaseFile: release, running: running,
        trustRoot: root
      ).answer()
    } catch {
      guard error.code == .trustRootFixed else { throw error }
      return nil
    }
  }

  @Test func `an answer carries outcome, code, messages and the whole verdict`() throws {
    guard let answer = try answer(licenses: [license]) else { return }
    // Whatever the machine's date is, a perpetual license runs its own release.
    #expect(answer.outcome != .deny)
    #expect(answer.json.contains("\"verdict\":\"\(answer.outcome.rawValue)\""))
    #expect(answer.json.contains("\"code\":\"\(answer.code)\""))
    #expect(!answer.messages.isEmpty)
    #expect(answer.findings.map(\.message) == answer.messages)
    #expect(answer.findings.first?.code == answer.code)
    #expect(answer.remarks.count == 1 && answer.remarks[0].contains(root))
  }

  @Test func `messages come in the language asked for, codes and JSON in none`() throws {
    guard let english = try answer(licenses: []) else { return }
    let chinese = try LicenseCheck(
      licenseFiles: [], releaseFile: release, running: "1.0", trustRoot: root
    ).answer(in: .chinese)
    #expect(chinese.code == english.code && chinese.json == english.json)
    #expect(chinese.findings.map(\.severity) == english.findings.map(\.severity))
    #expect(chinese.messages.count == english.messages.count)
    #expect(chinese.messages != english.messages)
  }

  @Test func `a denial is an answer`() throws {
    guard let answer = try answer(licenses: []) else { return }
    #expect(answer.outcome == .deny)
    #expect(answer.code == "NO_LICENSE")
  }

  @Test func `a file named and not there is a fault`() throws {
    guard try answer(licenses: [license]) != nil else { return }
    let missing = folder.path + "/missing"
    for path in [missing, folder.path] {
      let error = #expect(throws: StartupCheckError(.inputUnreadable, "")) {
        try answer(licenses: [license, path])
      }
      #expect(error?.message.contains(path) == true)
    }
  }

  @Test func `a standing that is not there yet is none`() throws {
    guard let answer = try answer(licenses: [license], standing: folder.path + "/standing") else {
      return
    }
    #expect(answer.outcome != .deny)
    #expect(answer.remarks.contains { $0.contains("no standing at \(folder.path)/standing") })
  }

  @Test func `a standing whose folder is missing is a fault, and so is an empty path`() throws {
    guard try answer(licenses: [license]) != nil else { return }
    for path in ["", folder.path + "/no-folder/standing"] {
      #expect(throws: StartupCheckError(.inputUnreadable, "")) {
        try answer(licenses: [license], standing: path)
      }
    }
  }

  @Test(arguments: ["", "@", "1.0@", "@abc", "1 0", "1.0@a@b", "1.0\n"])
  func `a running version of another form is wrong usage`(_ running: String) throws {
    let check = LicenseCheck(
      licenseFiles: [license], releaseFile: release, running: running, trustRoot: root)
    let error = #expect(throws: StartupCheckError(.runningMalformed, "")) { try check.answer() }
    #expect(error?.isWrongUsage == true)
  }
}
