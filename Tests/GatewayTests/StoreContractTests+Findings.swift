import CivilTime
import Foundation
import Gateway
import Licensing
import Sealing
import Storage
import Testing

/// What a store keeps of findings, and of when installations are looked at for silence.
extension StoreContractTests {
  static func finding(_ stage: Stage, _ code: LedgerFinding.Code) async throws -> LedgerFinding {
    let name = stage.name
    let all = try await stage.store.read { try $0.findings(of: name) }
    return try TestInstallation.some(all.first { $0.code == code })
  }

  static func events(_ stage: Stage, _ id: FindingID) async throws -> [FindingEvent] {
    try await stage.store.read { try $0.events(of: id) }
  }

  @Test(arguments: StoreKind.all)
  func `a finding opens, is counted, is taken on by staff, and opens again when it comes again`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      let date = stage.chain.date
      func note(_ at: Int64, _ seq: Int64) async throws -> FindingChange {
        try await stage.store.change {
          try $0.note(
            FindingSign(.coverage, seq: seq, date: date, seconds: 4000 + at), of: name, at: at)
        }
      }
      #expect(try await note(10, 3) == .opened)
      #expect(try await note(20, 4) == .counted)
      let acknowledged = FindingEvent(
        .acknowledged, at: 30, by: "alice", why: "asked", owner: "bob", note: "ticket")
      let resolved = FindingEvent(
        .resolved, at: 40, by: "alice", why: "done", resolution: .fixed)
      for event in [acknowledged, resolved] {
        let finding = try await Self.finding(stage, .coverage)
        let after = try await stage.store.change { try $0.enter(event, of: finding) }
        try await stage.reopen()
        #expect(try await Self.finding(stage, .coverage) == after)
      }
      let ended = try await Self.finding(stage, .coverage)
      #expect(ended.state == .resolved && ended.resolution == .fixed && ended.resolvedAt == 40)
      #expect(ended.owner == "bob" && ended.note == "ticket")
      #expect(try await stage.store.read { try $0.unresolvedFindings() }.isEmpty)
      #expect(try await note(50, 9) == .opened)
      let again = try await Self.finding(stage, .coverage)
      #expect(again.id == ended.id && again.state == .open && again.count == 3)
      #expect(again.seq == 3 && again.lastSeq == 9 && again.firstAt == 10 && again.lastAt == 50)
      #expect(again.date == date && again.seconds == 4050)
      #expect(again.owner == "bob" && again.resolution == nil && again.resolvedAt == nil)
      let open = try await stage.store.read { try $0.unresolvedFindings() }
      #expect(open == [.coverage: 1])
      let history = try await Self.events(stage, again.id)
      #expect(
        history == [
          FindingEvent(.opened, at: 10, by: "tally-gateway"), acknowledged, resolved,
          FindingEvent(.reopened, at: 50, by: "tally-gateway"),
        ])
      #expect(try await stage.store.read { try $0.strayFindings(limit: 9) }.isEmpty)
    }
  }

  @Test(arguments: StoreKind.all)
  func `a silence that lasts escalates, and what throws leaves no finding`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      let store = stage.store
      await #expect(throws: Undone.self) {
        try await store.change { ledger in
          try ledger.note(FindingSign(.silent, level: 24), of: name, at: 1)
          throw Undone()
        }
      }
      #expect(try await store.read { try $0.findings(of: name) }.isEmpty)
      var changes: [FindingChange] = []
      for (level, count) in [(24, 1), (72, 0), (72, 0), (24, 1)] as [(Int64, Int64)] {
        changes.append(
          try await store.change {
            try $0.note(
              FindingSign(.silent, count: count, level: level), of: name, at: level)
          })
      }
      #expect(changes == [.opened, .escalated, .counted, .counted])
      let finding = try await Self.finding(stage, .silent)
      #expect(finding.seq == nil && finding.level == 24 && finding.count == 2)
      #expect(try await Self.events(stage, finding.id).map(\.level) == [24, 72])
    }
  }

  @Test(arguments: StoreKind.all)
  func `pages of findings are stable while others are opened and resolved`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      let codes = LedgerFinding.Code.allCases
      let store = stage.store
      func note(_ codes: some Sequence<LedgerFinding.Code>) async throws {
        for code in codes {
          _ = try await store.change { try $0.note(code, seq: 1, of: name, at: 1) }
        }
      }
      try await note(codes.prefix(10))
      var seen: [LedgerFinding] = []
      var cursor: FindingID?
      var pages = 0
      repeat {
        let after = cursor
        let page = try await store.read {
          try $0.findings(FindingFilter(installation: name), after: after, limit: 4)
        }
        seen += page
        cursor = page.last?.id
        pages += 1
        // Between two pages: one more is opened, what was seen is counted, and one ends.
        try await note(codes.dropFirst(10).prefix(pages * 2))
        try await note(codes.prefix(2))
        if let first = page.first, let now = try await store.read({ try $0.finding(first.id) }) {
          let event = FindingEvent(.resolved, at: 2, by: "alice", resolution: .fixed)
          _ = try await store.change { try $0.enter(event, of: now) }
        }
      } while cursor != nil && pages < 20
      #expect(seen.map(\.code) == Array(codes), "each once, in the order of their opening")
      #expect(seen.map(\.id) == seen.map(\.id).sorted())
      try await Self.expectFiltered(stage, codes.count)
    }
  }

  private static func expectFiltered(_ stage: Stage, _ count: Int) async throws {
    let line = try TestInstallation.some(LineID("lin_1"))
    let other = try TestInstallation.some(LineID("lin_9"))
    let filters: [(FindingFilter, Int)] = [
      (FindingFilter(), count), (FindingFilter(code: .forked), 1),
      (FindingFilter(line: line), count),
      (FindingFilter(line: other), 0), (FindingFilter(state: .acknowledged), 0),
      (FindingFilter(code: .forked, line: line, installation: stage.name), 1),
    ]
    for (filter, expected) in filters {
      let found = try await stage.store.read { try $0.findings(filter, after: nil, limit: 99) }
      #expect(found.count == expected, "\(filter)")
    }
    let counts = try await [LedgerFinding.State.open, .resolved].asyncMap { state in
      try await stage.store.read {
        try $0.findings(FindingFilter(state: state), after: nil, limit: 99)
      }.count
    }
    #expect(counts.reduce(0, +) == count && counts.allSatisfy { $0 > 0 })
  }

  @Test(arguments: StoreKind.all)
  func `however much is noted of an installation, its findings are as many as there are codes`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      for round in 1...5 as ClosedRange<Int64> {
        try await stage.store.change { ledger in
          for code in LedgerFinding.Code.allCases {
            for seq in 1...20 as ClosedRange<Int64> {
              let date = CivilDate(daysSinceEpoch: round * 100 + seq)
              try ledger.note(
                FindingSign(code, seq: seq, date: date, seconds: seq), of: name, at: round)
            }
          }
        }
      }
      let all = try await stage.store.read { try $0.findings(of: name) }
      #expect(all.count == LedgerFinding.Code.allCases.count)
      #expect(all.allSatisfy { $0.count == 100 && $0.date?.daysSinceEpoch == 520 })
      for finding in all { #expect(try await Self.events(stage, finding.id).count == 1) }
    }
  }

  @Test(arguments: StoreKind.all)
  func `a gap is told as closed once its chain has gone on beyond it`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      func closed(_ instant: Int64) async throws -> Int {
        try await stage.store.read { try $0.closedGaps(before: instant, limit: 9) }.count
      }
      _ = try await stage.store.change { try $0.note(.chainGap, seq: 2, of: name, at: 50) }
      try await stage.append(try stage.chain.next(peak: 1, after: 60))
      #expect(try await closed(99) == 0)
      try await stage.append(try stage.chain.next(peak: 2, after: 90))
      #expect(try await closed(49) == 0)
      #expect(try await closed(50) == 1)
      let finding = try await Self.finding(stage, .chainGap)
      _ = try await stage.store.change {
        try $0.enter(
          FindingEvent(.resolved, at: 60, by: "tally-gateway", resolution: .cleared), of: finding)
      }
      #expect(try await closed(99) == 0)
      // What is nearer closes no gap that reaches further.
      for seq in [9, 2] as [Int64] {
        _ = try await stage.store.change { try $0.note(.chainGap, seq: seq, of: name, at: 70) }
      }
      #expect(try await Self.finding(stage, .chainGap).lastSeq == 9)
      #expect(try await closed(99) == 0)
    }
  }

  @Test(arguments: StoreKind.all)
  func `an installation is watched from its activation on, and anew when something changes`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      func due(_ now: Int64) async throws -> [Thumbprint] {
        try await stage.store.read { try $0.watches(due: now, limit: 9) }
      }
      #expect(try await due(1000 + 86_399).isEmpty)
      #expect(try await due(1000 + 86_400) == [name])
      let changes: [@Sendable (any LedgerWriting) throws -> Void] = [
        { try $0.put(Stage.license("lic_2", revision: 2, isPublished: true), at: 1) },
        { try $0.markReleased(name, at: 1) }, { try $0.markReplaced(name, by: name, at: 2) },
      ]
      for change in changes {
        try await stage.store.change { try $0.setWatch(at: 500_000, of: name) }
        #expect(try await due(499_999).isEmpty)
        try await stage.store.change(change)
        #expect(try await due(0) == [name])
        try await stage.reopen()
      }
      var head = try TestInstallation.some(try await stage.store.state(of: name)).head
      head.silent = 72
      try await stage.store.change { [head] in try $0.setHead(head, of: name) }
      try await stage.reopen()
      #expect(try await stage.store.state(of: name)?.head.silent == 72)
      #expect(try await stage.store.read { try $0.state(of: name) }?.head.silent == 72)
    }
  }

  @Test func `a step in the history of a finding cannot be changed or taken out`() async throws {
    try await Self.play(.sqlite) { stage in
      let name = stage.name
      _ = try await stage.store.change { try $0.note(.forked, seq: 2, of: name, at: 50) }
      let folder = stage.folder
      for sql in ["UPDATE finding_states SET who = 'x'", "DELETE FROM finding_states"] {
        await #expect(throws: (any Error).self) {
          try await StoreKind.sqlite.tamper(folder, sql)
        }
      }
      let finding = try await Self.finding(stage, .forked)
      #expect(try await Self.events(stage, finding.id).map(\.by) == ["tally-gateway"])
      try await StoreKind.sqlite.tamper(folder, "UPDATE findings SET state = 'acknowledged'")
      #expect(try await stage.store.read { try $0.strayFindings(limit: 9) } == [finding.id])
    }
  }
}

extension Sequence {
  fileprivate func asyncMap<Value>(
    _ body: (Element) async throws -> Value
  ) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await body(element)) }
    return values
  }
}
