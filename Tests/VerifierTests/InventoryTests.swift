import Metering
import Sealing
import Testing
import Verifier

@Suite struct InventoryTests {
  static func beat(
    _ name: String, version: String? = nil, host: String? = nil, run: String? = nil
  ) throws -> Beat {
    let identity = try #require(CollectorIdentity(kind: "collector", text: name))
    return Beat(identity: identity, version: version, host: host, run: run)
  }

  static func id(_ name: String) -> CollectorID {
    CollectorID(high: UInt64(name.utf8.count), low: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
  }

  /// An inventory with what waits in it for the journal.
  struct Book {
    let inventory: Inventory

    init(bounds: Inventory.Bounds = Inventory.Bounds()) {
      inventory = Inventory(bounds: bounds)
    }

    func note(_ beat: Beat, _ arrival: Presence.Arrival? = .kept, at now: Int64 = 100) {
      inventory.note([beat], [InventoryTests.id(beat.identity.text)], [arrival], at: now)
    }

    /// What waits, by name, and is kept now.
    func taken() -> [String: Inventory.Sighting] {
      defer { inventory.settle() }
      return Dictionary(
        inventory.batch().sightings.values.map { ($0.identity.text, $0) },
        uniquingKeysWith: { first, _ in first })
    }
  }

  @Test func `what a collector says is kept once, and again when it says something new`() throws {
    let book = Book()
    let beat = try Self.beat("a", version: "1", host: "h")
    for _ in 0..<3 { book.note(beat) }
    #expect(book.taken()["a"]?.version == "1")
    book.note(beat)
    book.note(try Self.beat("a"))
    #expect(book.taken().isEmpty)
    book.note(try Self.beat("a", version: "2", host: "h"))
    book.note(beat, nil)
    #expect(book.taken()["a"]?.version == "2")
  }

  @Test func `what was refused is kept once as such`() throws {
    let book = Book()
    let beat = try Self.beat("a")
    for _ in 0..<2 { book.note(beat, .refused) }
    #expect(book.taken()["a"]?.isRefused == true)
    book.note(beat, .refused)
    book.note(beat, .joined)
    #expect(book.taken().isEmpty)
    book.note(beat, .refused)
    #expect(book.taken()["a"]?.isRefused == true)
  }

  @Test func `a batch that was not kept goes out with the next one`() throws {
    let book = Book()
    book.note(try Self.beat("a", version: "1"))
    #expect(book.inventory.batch().sightings.count == 1)
    book.note(try Self.beat("a", host: "h"))
    book.note(try Self.beat("b"))
    let taken = book.taken()
    #expect(taken.count == 2)
    #expect(taken["a"]?.version == "1" && taken["a"]?.host == "h")
    #expect(book.taken().isEmpty)
  }

  @Test func `what finds no room to wait is said again by the next beat`() throws {
    let book = Book(bounds: Inventory.Bounds(waiting: 3))
    let names = (0..<10).map { "c\($0)" }
    var seen: Set<String> = []
    for _ in 0..<4 {
      for name in names { book.note(try Self.beat(name)) }
      let taken = book.taken()
      #expect(taken.count <= 3)
      seen.formUnion(taken.keys)
    }
    #expect(seen == Set(names))
  }

  @Test func `a table that is full begins anew and knows everybody again`() throws {
    let book = Book(bounds: Inventory.Bounds(known: 64, waiting: 1000))
    for round in 0..<3 {
      for index in 0..<200 { book.note(try Self.beat("c\(index)", version: "1")) }
      let taken = book.taken()
      #expect(round == 0 ? taken.count == 200 : taken.count >= 136, "\(taken.count)")
    }
  }

  @Test func `who comes back to a run that was left is a suspect, who restarts is not`() throws {
    let book = Book()
    func beat(_ name: String, _ run: String, at now: Int64) throws {
      book.note(try Self.beat(name, run: run), at: now)
    }
    for restart in 0..<20 { try beat("restarts", "run-\(restart)", at: Int64(restart) * 10) }
    try beat("late", "r1", at: 0)
    try beat("late", "r2", at: 10)
    try beat("late", "r1", at: 11)
    try beat("late", "r2", at: 1000)
    for turn in 0..<4 { try beat("pair", turn % 2 == 0 ? "r1" : "r2", at: Int64(turn) * 30) }
    #expect(book.inventory.suspects(at: 100).map(\.identity.text) == ["pair"])
    #expect(book.inventory.suspects(at: 100).first?.returns == 2)
    #expect(book.inventory.suspects(at: 90 + 901).isEmpty)
  }

  @Test func `an identity that says no run is no suspect`() throws {
    let book = Book()
    for turn in 0..<6 {
      book.note(try Self.beat("a", run: turn % 2 == 0 ? "r1" : nil), at: Int64(turn))
    }
    #expect(book.inventory.suspects(at: 6).isEmpty)
  }
}
