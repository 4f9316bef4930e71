import CivilTime
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing
import TestSupport
import Testing
import Verifier

@Suite struct BundleDeskTests {
  static let offline = Reporting(mode: .offline, gateway: nil, leaseHours: 72)

  /// What the vendor's side makes of a bundle.
  static func answer(
    _ file: String, by gateway: FakeGateway
  ) async throws -> BundleAnswer {
    let bundle = try ReportBundle(file: Array(file.utf8))
    let address = try #require(GatewayAddress("http://127.0.0.1:9"))
    var answer = BundleAnswer()
    if let request = bundle.activation {
      guard case .answer(let activation) = await gateway.activate(request, at: address) else {
        throw TestSite.Missing(what: "an activation")
      }
      answer.activation = activation.activation
      answer.delivery = activation.delivery
    }
    for report in bundle.reports {
      guard case .answer(let taken) = await gateway.report(report, to: address) else {
        throw TestSite.Missing(what: "a receipt")
      }
      answer.receipts.append(taken.receipt)
      answer.delivery = taken.delivery
    }
    return answer
  }

  static func file(_ json: JSONValue) throws -> String {
    try #require(json["file"]?.string)
  }

  @Test
  func `a bundle and its answer activate, give receipts and move the lease, and nothing dials`()
    async throws
  {
    let site = try TestSite(at: TestSite.midnight - 20)
    let running = try await site.start(installing: try site.license(reporting: Self.offline))
    let desk = running.daemon.desk
    _ = try running.beat("a", "b")
    try await running.pass(60)
    #expect(try await desk.report().outcome == "OFFLINE")
    await #expect(throws: VerifierError(.requestRefused, "")) { try await desk.activate() }
    #expect(running.gateway.stored.requests == 0 && running.gateway.stored.enrolments == 0)

    let first = try await desk.export(BundleRequest()).json
    #expect(first["enrolment"] == .bool(true))
    #expect(first["records"]?.integer == 1)
    #expect(first["alive"] == .bool(true))
    let answer = try await Self.answer(Self.file(first), by: running.gateway)
    let taken = try await desk.take(answer: Array(answer.file.utf8), source: "november.answer")
    #expect(taken.through == 1 && taken.backlog == 0)
    #expect(taken.leaseThrough != nil)
    #expect(taken.installed.contains { $0.hasPrefix("activation") })
    let content = await desk.installation.shelf.content
    #expect(content.activation != nil)
    #expect(content.newestReceipt?.seq == 1)

    // The same answer again changes nothing; the next bundle has nothing but a sign of life.
    let again = try await desk.take(answer: Array(answer.file.utf8), source: "november.answer")
    #expect(again.installed.isEmpty && again.through == 1)
    let second = try await desk.export(BundleRequest()).json
    #expect(second["enrolment"] == .bool(false) && second["records"]?.integer == 0)
    #expect(try await desk.export(BundleRequest(enrols: true)).json["enrolment"] == .bool(true))
    let runs = try await desk.status()["reports"]
    #expect(runs?.text.contains("EXPORTED") == true)
  }

  @Test func `a bundle may begin at any record, and says what remains`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license(), weather: .down)
    let desk = running.daemon.desk
    for peak in 1...4 {
      _ = try running.beat("host-\(peak)")
      try await running.pass(10)
    }
    let head = try await running.ledger.head().seq
    #expect(head == 4)
    let part = try await desk.export(BundleRequest(limit: 2)).json
    #expect(part["from"]?.integer == 1 && part["through"]?.integer == 2)
    #expect(part["remaining"]?.integer == 2 && part["alive"] == .bool(false))
    let rest = try await desk.export(BundleRequest(from: 3)).json
    #expect(rest["from"]?.integer == 3 && rest["through"]?.integer == 4)
    #expect(rest["remaining"]?.integer == 0 && rest["alive"] == .bool(true))
    let none = try await desk.export(BundleRequest(from: 5)).json
    #expect(none["records"]?.integer == 0)
    await #expect(throws: VerifierError(.requestRefused, "")) {
      try await desk.export(BundleRequest(from: 6))
    }
  }

  @Test func `an answer for another installation, a bundle or a damaged file changes nothing`()
    async throws
  {
    let site = try TestSite(at: TestSite.midnight - 20)
    let running = try await site.start(installing: try site.license(reporting: Self.offline))
    _ = try running.beat("a")
    try await running.pass(30)
    let desk = running.daemon.desk
    let file = try Self.file(try await desk.export(BundleRequest()).json)
    let good = try await Self.answer(file, by: running.gateway)
    let held = await desk.installation.shelf.content.held

    let other = try TestSite()
    let stranger = try await other.start(installing: try other.license(reporting: Self.offline))
    await #expect(throws: VerifierError(.answerMisplaced, "")) {
      try await stranger.daemon.desk.take(answer: Array(good.file.utf8), source: "x")
    }
    #expect(try await stranger.ledger.receipts().newest == nil)

    var damaged = Array(good.file.utf8)
    let place = try #require(damaged.lastIndex(of: UInt8(ascii: "\n"))) - 60
    damaged[place] = damaged[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    var forged = good
    forged.receipts = forged.receipts.map { receipt in
      let end = receipt.lastIndex(of: ".") ?? receipt.endIndex
      return String(receipt[..<end]) + "." + Base64.encode([UInt8](repeating: 3, count: 64), .url)
    }
    forged.activation = nil
    for bytes in [damaged, Array(file.utf8), Array("no answer".utf8), Array(forged.file.utf8)] {
      await #expect(throws: VerifierError(.documentRefused, "")) {
        try await desk.take(answer: bytes, source: "x")
      }
    }
    #expect(try await running.ledger.receipts().newest == nil)
    #expect(await desk.installation.shelf.content.held == held)
  }

  @Test func `a receipt for another record than the ledger has ends the chain`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license(), weather: .down)
    _ = try running.beat("a")
    try await running.pass(10)
    let receipt = Receipt(
      iss: site.vendor.iss, iat: TestSite.noon, installation: running.ledger.installation, seq: 1,
      head: LibcryptoProvider().sha256([1]), position: 1)
    let answer = BundleAnswer(receipts: [try site.vendor.jws(receipt)])
    await #expect(throws: VerifierError(.gatewayRefused, "")) {
      try await running.daemon.desk.take(answer: Array(answer.file.utf8), source: "x")
    }
    #expect(try await running.ledger.receipts().newest == nil)
    #expect(await running.daemon.reporter.halt == .forked)
  }

  @Test func `a new installation asks for the place of a lost one by file`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license(reporting: Self.offline))
    let old = Thumbprint(LibcryptoProvider().sha256([7]))
    let desk = running.daemon.desk
    let bundle = try await desk.export(BundleRequest(replaces: old)).bundle
    let (enrolment, _) = try InstallationSeal.openSelfSealed(
      Array(try #require(bundle.activation).enrolment.utf8), as: Enrolment.self,
      using: LibcryptoProvider())
    #expect(enrolment.payload.replaces == old)
    await #expect(throws: VerifierError(.requestRefused, "")) {
      try await desk.export(BundleRequest(replaces: running.ledger.installation))
    }
  }
}
