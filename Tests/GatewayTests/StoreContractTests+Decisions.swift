import Billing
import CivilTime
import Foundation
import Gateway
import Libcrypto
import Licensing
import Metering
import Sealing
import Storage
import Testing
import TestSupport

/// What a store keeps of the dates that the gateway closes, of decisions and of final statements.
extension StoreContractTests {
  @Test(arguments: StoreKind.all)
  func `a closing bills its date until a day record comes, and stands once`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      try await stage.append(try stage.chain.next(peak: 3, after: 600))
      let name = stage.name
      let date = stage.chain.date
      let closing = try stage.closing(seq: 1)
      let store = stage.store
      let position = try await store.change {
        try $0.append(closing, sealed: "closing", of: name, at: 9)
      }
      #expect(position == 2)
      await #expect(throws: StorageError.self) {
        try await store.change { try $0.append(closing, sealed: "again", of: name, at: 9) }
      }
      try await stage.reopen()
      try await stage.store.read { ledger throws in
        #expect(try ledger.position() == 2)
        #expect(try ledger.recordCount(of: name) == 1, "a closing is no record of the chain")
        #expect(try ledger.newestUsage(of: name)?.seq == 1)
        #expect(try ledger.dates(of: name) == [date: true])
        let usage = try TestInstallation.some(
          try ledger.usage(of: name, from: date, through: date).first)
        #expect(usage.kind == .closing && usage.seq == 1 && usage.peak == 3)
        #expect(usage.gaps == closing.gaps && usage.observed == closing.observed)
        #expect(usage.rule == closing.rule)
      }
      try await stage.day(peak: 5)
      try await stage.store.read { ledger throws in
        let usage = try ledger.usage(of: name, from: date, through: date)
        #expect(usage.map(\.kind) == [.day] && usage.map(\.peak) == [5])
        #expect(try ledger.dates(of: name) == [date: true])
        let line = try TestInstallation.some(LineID("lin_1"))
        #expect(try ledger.firstDate(of: line, after: 2) == date)
        #expect(try ledger.firstDate(of: line, after: 3) == nil)
        let traced = try ledger.entries(of: name, on: date)
        #expect(traced.map(\.kind) == [.sample, .closing, .day])
        #expect(traced.map(\.seq) == [1, nil, 2])
        #expect(traced.map(\.position) == [1, 2, 3])
        #expect(traced.map(\.peak) == [3, 3, 5])
        #expect(traced[1].jws == "closing" && traced[1].hash == nil)
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `an installation is looked at when it is due, and anew when its line has a license more`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      let line = try TestInstallation.some(LineID("lin_1"))
      let other = try TestInstallation.some(LineID("lin_9"))
      func due(_ now: Int64, _ line: LineID? = nil) async throws -> [Thumbprint] {
        try await stage.store.read { try $0.looks(due: now, of: line, limit: 9) }
      }
      #expect(try await due(0) == [name])
      #expect(try await due(0, other).isEmpty)
      try await stage.store.change { try $0.setLook(at: 50, of: name) }
      try await stage.reopen()
      #expect(try await due(49).isEmpty)
      #expect(try await due(50, line) == [name])
      for (id, looked) in [("lic_1", false), ("lic_2", true)] {
        try await stage.store.change { ledger in
          try ledger.setLook(at: 50, of: name)
          try ledger.put(Stage.license(id, revision: 2, isPublished: false), at: 1)
        }
        #expect(try await due(0) == (looked ? [name] : []), "\(id)")
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `decisions have places of their own in the ledger`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      try await stage.append(try stage.chain.next(peak: 3, after: 600))
      let name = stage.name
      let closing = try stage.closing(seq: nil)
      let positions = try await stage.store.change { ledger in
        try ledger.markReleased(name, at: 20)
        return [
          try ledger.append(decision: "release", of: name, at: 20),
          try ledger.append(closing, sealed: "closing", of: name, at: 21),
          try ledger.append(decision: "replace", of: name, at: 30),
        ]
      }
      #expect(positions == [2, 3, 4])
      #expect(try await stage.store.read { try $0.user(ofPermitAt: 4) } == nil)
      try await stage.store.change { try $0.usePermit(at: 4, by: name) }
      let store = stage.store
      await #expect(throws: StorageError.self) {
        try await store.change { try $0.usePermit(at: 4, by: name) }
      }
      try await stage.reopen()
      let line = try TestInstallation.some(LineID("lin_1"))
      let date = closing.date
      try await stage.store.read { ledger throws in
        #expect(try ledger.state(of: name)?.installation.releasedAt == 20)
        #expect(try ledger.installations(of: line).map(\.holdsSeat) == [false])
        #expect(try ledger.decisions(of: name).map(\.jws) == ["release", "replace"])
        #expect(try ledger.user(ofPermitAt: 4) == name)
        let all = try ledger.decisions(of: line, between: 20..<30, dates: date...date)
        #expect(all.map(\.position) == [2, 3])
        let later = try TestInstallation.some(date.adding(days: 1))
        let none = try ledger.decisions(of: line, between: 0..<20, dates: later...later)
        #expect(none.isEmpty)
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `of a line and month one final statement is kept`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      let lines = try ["lin_1", "lin_9"].map { try TestInstallation.some(LineID($0)) }
      let months = try ["2026-11", "2026-10"].map { try TestInstallation.some(Month($0)) }
      for line in lines {
        for month in months {
          try await stage.store.change {
            try $0.add(
              final: StoredStatement(month: month, jws: "\(line) \(month)"), of: line, at: 1)
          }
        }
      }
      let store = stage.store
      await #expect(throws: StorageError.self) {
        try await store.change {
          try $0.add(
            final: StoredStatement(month: months[0], jws: "other"), of: lines[0], at: 2)
        }
      }
      try await stage.reopen()
      for line in lines {
        let kept = try await stage.store.read { try $0.finalStatements(of: line) }
        #expect(kept.map(\.month) == months, "in the order in which they were made")
        #expect(kept.map(\.jws) == months.map { "\(line) \($0)" })
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `what staff decided about bills belongs to its line, and to the first of its dates`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      let vendor = try TestVendor()
      func decision(_ from: String, _ through: String) throws -> String {
        try vendor.jws(
          Decision(
            iss: vendor.iss, iat: 9, line: try TestInstallation.some(LineID("lin_1")),
            installation: name, by: "alice", why: "w",
            matter: .bill(
              try BillChange(
                .waive, from: try TestInstallation.some(CivilDate(from)),
                through: try TestInstallation.some(CivilDate(through))))))
      }
      let bills = [
        try decision("2026-11-05", "2026-11-20"), try decision("2026-09-30", "2026-09-30"),
      ]
      let permit = try vendor.jws(
        Decision(
          iss: vendor.iss, iat: 9, line: try TestInstallation.some(LineID("lin_1")),
          installation: name, by: "alice", why: "w",
          matter: .replace(ReplacementPermit(through: 10))))
      try await stage.store.change { ledger in
        for jws in [bills[0], permit, bills[1], permit] {
          _ = try ledger.append(decision: jws, of: name, at: 20)
        }
      }
      try await stage.reopen()
      let line = try TestInstallation.some(LineID("lin_1"))
      let other = try TestInstallation.some(LineID("lin_9"))
      try await stage.store.read { ledger throws in
        let stored = try ledger.decisions(of: line)
        #expect(stored.map(\.jws) == [bills[0], permit, bills[1], permit])
        #expect(stored.map(\.position) == [1, 2, 3, 4])
        #expect(try ledger.decisions(of: other).isEmpty)
        #expect(try ledger.firstDate(of: line, after: 0)?.description == "2026-09-30")
        #expect(try ledger.firstDate(of: line, after: 2)?.description == "2026-09-30")
        #expect(try ledger.firstDate(of: line, after: 3) == nil, "a permit has no dates")
        #expect(try ledger.firstDate(of: other, after: 0) == nil)
      }
      let date = stage.chain.date
      try await stage.append(try stage.chain.next(peak: 3, after: 600))
      try await stage.store.read { ledger throws in
        #expect(try ledger.firstDate(of: line, after: 0)?.description == "2026-09-30")
        #expect(try ledger.firstDate(of: line, after: 3) == date)
      }
    }
  }
}
