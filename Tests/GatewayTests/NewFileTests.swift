import Foundation
import Platform
import Testing

/// A file that is written piece by piece.
@Suite struct NewFileTests {
  private static func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "new-file-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  private static func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func `it takes the old one's place when it is whole, not before`() throws {
    let folder = try Self.folder()
    let path = folder.appending(path: "all").path
    try Files.replace(path, with: Array("old".utf8))
    let file = try NewFile(replacing: path, mode: 0o600)
    try file.append(Array("new, ".utf8))
    try file.append([])
    try file.append(Array("whole".utf8))
    #expect(try Files.read(path, maximum: 100) == Array("old".utf8))
    try file.keep()
    #expect(try Files.read(path, maximum: 100) == Array("new, whole".utf8))
    #expect(try Self.names(folder) == ["all"])
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `what is not kept leaves nothing behind`() throws {
    let folder = try Self.folder()
    do {
      let file = try NewFile(replacing: folder.appending(path: "all").path)
      try file.append(Array("half".utf8))
      let begun = try Self.names(folder)
      withExtendedLifetime(file) {}
      #expect(begun.count == 1)
    }
    #expect(try Self.names(folder).isEmpty)
    #expect(throws: PlatformError.self) {
      _ = try NewFile(replacing: folder.appending(path: "none/all").path)
    }
    try FileManager.default.removeItem(at: folder)
  }
}
