import Foundation
import Platform
import Testing

/// A file that is written piece by piece.
@Suite struct FileSinkTests {
  private static func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "file-sink-\(UUID().uuidString)")
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
    let file = try FileSink(path, mode: 0o600, replaces: true)
    try file.write(Array("new, ".utf8))
    try file.write([])
    try file.write(Array("whole".utf8))
    #expect(try Files.read(path, maximum: 100) == Array("old".utf8))
    try file.finish()
    #expect(try Files.read(path, maximum: 100) == Array("new, whole".utf8))
    #expect(try Self.names(folder) == ["all"])
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let open = try FileSink(path, mode: 0o666, replaces: true)
    try open.finish()
    // Whatever the umask says.
    #expect(
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o666)
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `what stands there is not replaced unasked, at the beginning or at the end`() throws {
    let folder = try Self.folder()
    let path = folder.appending(path: "all").path
    let file = try FileSink(path)
    try file.write(Array("new".utf8))
    try Files.replace(path, with: Array("old".utf8))
    #expect(throws: PlatformError.self) { try file.finish() }
    #expect(throws: PlatformError.self) { _ = try FileSink(path) }
    #expect(try Files.read(path, maximum: 100) == Array("old".utf8))
    try FileManager.default.removeItem(at: folder)
  }

  @Test func `what is not finished leaves nothing behind`() throws {
    let folder = try Self.folder()
    do {
      let file = try FileSink(folder.appending(path: "all").path)
      try file.write(Array("half".utf8))
      let begun = try Self.names(folder)
      withExtendedLifetime(file) {}
      #expect(begun.count == 1)
    }
    #expect(try Self.names(folder).isEmpty)
    #expect(throws: PlatformError.self) {
      _ = try FileSink(folder.appending(path: "none/all").path)
    }
    try FileManager.default.removeItem(at: folder)
  }
}
