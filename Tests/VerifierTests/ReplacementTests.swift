import CivilTime
import Foundation
import Libcrypto
import Licensing
import Metering
import Platform
import Reporting
import Sealing
import StartupCheck
import Synchronization
import TestSupport
import Testing
import Verifier

@Suite struct ReplacementTests {
  /// A gateway that activates any key in place of another.
  final class Desk: GatewayClient {
    enum Mood: Equatable {
      case willing
      case refusing
      /// The key is activated, but the answer is lost.
      case answerLost
      case wrongOld
    }

    let site: TestSite
    private let state = Mutex((mood: Mood.willing, keys: [Thumbprint]()))
    var keys: [Thumbprint] { state.withLock { $0.keys } }
    func set(_ mood: Mood) { state.withLock { $0.mood = mood } }

    init(_ site: TestSite) { self.site = site }

    func statement(
      _ request: StatementRequest, at gateway: GatewayAddress
    ) async -> GatewayReply<StatementAnswer> { .unreachable("not asked") }

    func report(
      _ request: ReportRequest, to gateway: GatewayAddress
    ) async -> GatewayReply<ReportAnswer> { .unreachable("not asked") }

    func activate(
      _ request: ActivationRequest, at gateway: GatewayAddress
    ) async -> GatewayReply<ActivationAnswer> {
      do {
        let (enrolment, key): (Verified<Enrolment>, PublicKey) =
          try InstallationSeal.openSelfSealed(
            Array(request.enrolment.utf8), using: LibcryptoProvider())
        let license: Verified<License> = try site.vendor.trust.open(Array(request.license.utf8))
        let new = key.thumbprint(using: LibcryptoProvider())
        let mood = state.withLock { $0.mood }
        if mood == .refusing {
          return .problem(Problem(.replaceNotAllowed, "as told"), retryAfter: nil)
        }
        state.withLock { $0.keys.append(new) }
        if mood == .answerLost { return .unreachable("connection reset") }
        let old = try #require(enrolment.payload.replaces)
        let activation = Activation(
          iss: site.vendor.iss, iat: try site.clocks.now(), line: license.payload.line,
          revision: license.payload.revision, installation: new,
          replaces: Activation.Replaced(
            installation: mood == .wrongOld ? new : old, seq: 4,
            head: LibcryptoProvider().sha256([4])))
        return .answer(ActivationAnswer(activation: try site.vendor.jws(activation)))
      } catch { return .problem(Problem(.malformed, "\(error)"), retryAfter: nil) }
    }
  }

  /// A site that has counted, whose ledger is lost.
  struct Lost {
    let site: TestSite
    let desk: Desk
    let old: Thumbprint
    let token: [UInt8]

    init() async throws {
      site = try TestSite()
      desk = Desk(site)
      let running = try await site.start(installing: try site.license())
      _ = try running.beat("a", "b")
      try await running.pass(5)
      old = running.daemon.desk.installation.name
      try await running.daemon.finish()
      for suffix in ["", "-wal", "-shm"] { try Files.remove(site.folder.ledger + suffix) }
      token = try Files.read(site.folder.token)
    }

    func replace(license: ShelfOffer? = nil, of other: Thumbprint? = nil)
      async throws(VerifierError)
      -> Replacement.Report
    {
      let surroundings: Surroundings
      do { surroundings = try site.surroundings() } catch {
        throw VerifierError(.stateUnusable, "\(error)")
      }
      return try await Replacement(
        surroundings, of: other ?? old, license: license, client: desk, logger: TestSite.logger
      ).run()
    }

    /// Every file of the state folder with its bytes, besides the lock.
    func files() throws -> [String: Data] {
      let base = URL(fileURLWithPath: site.folder.path)
      var files: [String: Data] = [:]
      let walk = FileManager.default.enumerator(atPath: site.folder.path)
      for case let name as String in walk ?? .init() where name != "lock" {
        let url = base.appending(path: name)
        if !url.hasDirectoryPath { files[name] = (try? Data(contentsOf: url)) ?? Data() }
      }
      return files
    }
  }

  /// It is whole, another one than before, activated, and begins its chain.
  static func expectNew(_ lost: Lost, _ comment: Comment? = nil) async throws {
    let installation = try await lost.site.open()
    #expect(installation.name != lost.old, comment)
    #expect(lost.desk.keys.contains(installation.name), comment)
    #expect(installation.damage == nil, comment)
    #expect(try await installation.ledger.head() == .none, comment)
    #expect(try await installation.working()?.needsActivation == false, comment)
    #expect(try Files.read(lost.site.folder.token) == lost.token, comment)
    guard case .document(let standing) = try StandingFile(lost.site.folder.standing).read() else {
      Issue.record("no standing")
      return
    }
    let key = standing.installation?.thumbprint(using: LibcryptoProvider())
    #expect(key == installation.name && standing.activation != nil, comment)
  }

  @Test func `a new installation takes the place, and no old file is deleted`() async throws {
    let lost = try await Lost()
    let before = try lost.files()
    let report = try await lost.replace()
    #expect(report.old == lost.old && report.seq == 4)
    let aside = try #require(report.aside)
    for (name, bytes) in before where !["listen"].contains(name) {
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(aside)/\(name)")) == bytes, "\(name)")
    }
    try await Self.expectNew(lost)
    let running = try await lost.site.start()
    _ = try running.beat("a")
    try await running.pass(5)
    #expect(try await running.records().first?.installation == report.installation)
    #expect(try await running.records().first?.seq == 1)
  }

  @Test(arguments: ["cut", "gone", "open to others"])
  func `a lost key is replaced as well`(loss: String) async throws {
    let lost = try await Lost()
    let path = lost.site.folder.installationKey
    switch loss {
    case "cut": try Files.replace(path, with: [1, 2, 3], mode: 0o600)
    case "gone": try Files.remove(path)
    default: try Files.setMode(path, 0o644)
    }
    _ = try await lost.replace()
    try await Self.expectNew(lost, "\(loss)")
  }

  @Test func `a refusal leaves the state as it was`() async throws {
    let lost = try await Lost()
    lost.desk.set(.refusing)
    let before = try lost.files()
    await #expect(throws: VerifierError(.gatewayRefused, "")) { _ = try await lost.replace() }
    #expect(try lost.files() == before)
  }

  @Test func `an answer that was lost is asked for again with the same key`() async throws {
    let lost = try await Lost()
    lost.desk.set(.answerLost)
    await #expect(throws: VerifierError(.gatewayUnreachable, "")) { _ = try await lost.replace() }
    await #expect(throws: VerifierError(.ledgerUnusable, "")) { _ = try await lost.site.open() }
    let other = try InstallationKey.generate().thumbprint
    await #expect(throws: VerifierError(.requestRefused, "")) {
      _ = try await lost.replace(of: other)
    }
    lost.desk.set(.willing)
    let report = try await lost.replace()
    #expect(lost.desk.keys == [report.installation, report.installation])
    try await Self.expectNew(lost)
  }

  @Test func `an activation for another place is not believed`() async throws {
    let lost = try await Lost()
    lost.desk.set(.wrongOld)
    await #expect(throws: VerifierError(.gatewayAnswerUnusable, "")) {
      _ = try await lost.replace()
    }
    await #expect(throws: VerifierError(.ledgerUnusable, "")) { _ = try await lost.site.open() }
  }

  @Test func `without any license left one must be named`() async throws {
    let lost = try await Lost()
    try Files.remove(lost.site.folder.standing)
    await #expect(throws: VerifierError(.noLicense, "")) { _ = try await lost.replace() }
    let offer = try ShelfOffer(
      file: try lost.site.file(try lost.site.license()), source: "test.license")
    _ = try await lost.replace(license: offer)
    try await Self.expectNew(lost)
  }

  @Test func `with every file lost the license file is enough`() async throws {
    let lost = try await Lost()
    try FileManager.default.removeItem(atPath: lost.site.folder.path)
    let offer = try ShelfOffer(
      file: try lost.site.file(try lost.site.license()), source: "test.license")
    let report = try await lost.replace(license: offer)
    #expect(try await lost.site.open().name == report.installation)
  }

  @Test func `an installation that was begun anew takes the place as it is`() async throws {
    let lost = try await Lost()
    try FileManager.default.removeItem(atPath: lost.site.folder.path)
    let fresh = try await lost.site.start(installing: try lost.site.license())
    let name = fresh.daemon.desk.installation.name
    await #expect(throws: VerifierError(.stateLocked, "")) { _ = try await lost.replace() }
    try await fresh.daemon.finish()
    _ = consume fresh
    let report = try await lost.replace()
    #expect(report.installation == name && report.aside == nil && !report.isKnown)
    #expect(try await lost.replace().isKnown)
    await #expect(throws: VerifierError(.requestRefused, "")) {
      _ = try await lost.replace(of: try InstallationKey.generate().thumbprint)
    }
  }

  @Test func `broken off anywhere it is the old one or the new one, never a mix`() async throws {
    let names =
      ["installation.key", "evidence.key", "token"]
      + ["ledger.sqlite", "journal.sqlite"].flatMap { ["\($0)-wal", "\($0)-shm", $0] }
    #expect(names.count == 9)
    let reference = try await Lost()
    let state = reference.site.folder
    let report = try await reference.replace()
    let aside = try #require(report.aside)
    let rest = "\(aside)/replacement"
    // Back to the moment of the decision.
    for name in names + ["standing"] where Files.exists("\(rest)/../../\(name)") {
      try? Files.move("\(state.path)/\(name)", to: "\(rest)/\(name)")
    }
    for name in names + ["standing"] where Files.exists("\(aside)/\(name)") {
      try Files.move("\(aside)/\(name)", to: "\(state.path)/\(name)")
    }
    try Files.remove("\(rest)/cleared")
    try Files.move(rest, to: "\(state.path)/replacement")
    try Files.removeFolder(aside)
    #expect(StateKeys.owner(of: state) == reference.old)
    let kept = "\(state.path)-kept"
    try FileManager.default.moveItem(atPath: state.path, toPath: kept)
    defer { try? FileManager.default.removeItem(atPath: kept) }
    var states = 0
    for isCleared in [false, true] {
      for count in 0...names.count {
        for order in [names, names.reversed()] {
          try FileManager.default.copyItem(atPath: kept, toPath: state.path)
          defer { try? FileManager.default.removeItem(atPath: state.path) }
          let moved = Array(order.prefix(count))
          try Files.makeFolder(aside)
          for name in isCleared ? names : moved where Files.exists("\(state.path)/\(name)") {
            try Files.move("\(state.path)/\(name)", to: "\(aside)/\(name)")
          }
          if isCleared {
            try Files.create("\(state.path)/replacement/cleared", with: [])
            for name in moved where Files.exists("\(state.path)/replacement/\(name)") {
              try Files.move("\(state.path)/replacement/\(name)", to: "\(state.path)/\(name)")
            }
          }
          guard case .document = try StandingFile(state.standing).read() else {
            Issue.record("check would find no standing")
            return
          }
          try await Self.expectNew(reference, "\(isCleared) \(moved)")
          #expect(StateKeys.owner(of: StateFolder(aside)) == reference.old)
          states += 1
        }
      }
    }
    #expect(states == 40)
  }
}
