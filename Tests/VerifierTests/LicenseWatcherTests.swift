import Foundation
import Licensing
import Platform
import Sealing
import TestSupport
import Testing
import Verifier

/// License files that are looked at again and again.
@Suite struct LicenseWatcherTests {
  /// A daemon without a license, and a path at which it looks for one.
  struct Watched {
    let site: TestSite
    let running: RunningSite
    let path: String
    var desk: ControlDesk { running.daemon.desk }

    init() async throws {
      site = try TestSite()
      running = try await site.start()
      path = "\(site.folder.path)-licenses"
      running.daemon.live.use(LiveSettings.Values(license: path))
    }

    func look(anew: Bool = false) async throws {
      try await running.daemon.watcher.look(anew: anew)
    }

    var states: [String] {
      guard case .array(let files) = desk.files.json else { return [] }
      return files.compactMap { $0["state"]?.string }
    }

    func revisions() async -> [Int64] {
      await desk.installation.shelf.content.licenses.map(\.payload.revision).sorted()
    }
  }

  @Test func `a file is taken when it comes and when it changes`() async throws {
    let watched = try await Watched()
    try await watched.look()
    #expect(watched.states == ["missing"])
    try Files.replace(watched.path, with: try watched.site.file(try watched.site.license()))
    try await watched.look()
    #expect(watched.states == ["taken"])
    #expect(await watched.revisions() == [1])
    #expect(watched.running.daemon.counting.keeper != nil, "counting begins at once")
    let renewal = try watched.site.license(revision: 2)
    try Files.replace(watched.path, with: try watched.site.file(renewal))
    try await watched.look()
    #expect(watched.states == ["taken"])
    #expect(await watched.revisions() == [1, 2])
  }

  @Test func `a file that is refused changes nothing, until it is good`() async throws {
    let watched = try await Watched()
    let good = try watched.site.file(try watched.site.license())
    try Files.replace(watched.path, with: good)
    try await watched.look()
    for bad in [[], Array(good.prefix(good.count / 2)), Array("nonsense".utf8)] {
      try Files.replace(watched.path, with: bad)
      try await watched.look()
      #expect(watched.states == ["refused"])
      #expect(await watched.revisions() == [1])
      #expect(watched.desk.files.refused(.license) == 1)
    }
    try Files.replace(watched.path, with: good)
    try await watched.look()
    #expect(watched.states == ["taken"] && watched.desk.files.refused(.license) == 0)
  }

  @Test func `a folder's files are taken by name, hidden ones are not, nor what is no file`()
    async throws
  {
    let watched = try await Watched()
    try Files.makeFolder("\(watched.path)/folder")
    try Files.replace("\(watched.path)/.hidden", with: [1])
    let (first, second) = (
      try watched.site.license(), try watched.site.license(revision: 2)
    )
    try Files.replace("\(watched.path)/a", with: try watched.site.file(first))
    try Files.replace("\(watched.path)/b", with: try watched.site.file(second))
    try Files.replace("\(watched.path)/c", with: Array("nonsense".utf8))
    try await watched.look()
    #expect(watched.states == ["taken", "taken", "refused"])
    #expect(await watched.revisions() == [1, 2])
    try Files.remove("\(watched.path)/c")
    try await watched.look()
    #expect(watched.states == ["taken", "taken"])
    watched.running.daemon.live.use(LiveSettings.Values())
    try await watched.look()
    #expect(watched.states.isEmpty)
  }

  @Test func `a refused file is looked at again when it changes, or when someone asks`()
    async throws
  {
    let watched = try await Watched()
    func at() -> Int64? {
      guard case .array(let files) = watched.desk.files.json else { return nil }
      return files.first?["at"]?.integer
    }
    try Files.replace(watched.path, with: Array("nonsense".utf8))
    try await watched.look()
    let first = try #require(at())
    watched.site.clocks.pass(10)
    try await watched.look()
    #expect(at() == first && watched.states == ["refused"])
    try await watched.look(anew: true)
    #expect(at() == first + 10 && watched.states == ["refused"])
    watched.site.clocks.pass(10)
    try Files.replace(watched.path, with: Array("other nonsense".utf8))
    try await watched.look()
    #expect(at() == first + 20 && watched.states == ["refused"])
  }
}
