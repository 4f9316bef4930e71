import Foundation
import Glibc

/// Looks for bytes in all writable memory of this process.
///
/// What is looked for is given masked, so that the question itself leaves no copy behind.
struct MemoryScan {
  /// Every byte of what is looked for, exclusive-or 0x5A.
  let masked: [UInt8]

  static let mask: UInt8 = 0x5A

  /// Masks bytes that the caller then overwrites.
  static func masking(_ bytes: some Sequence<UInt8>) -> MemoryScan {
    MemoryScan(masked: bytes.map { $0 ^ mask })
  }

  /// How often the bytes stand in memory.
  func count() throws -> Int {
    let needle = UnsafeMutableRawBufferPointer.allocate(byteCount: masked.count, alignment: 1)
    for index in masked.indices { unsafe needle[index] = masked[index] ^ Self.mask }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    let own = unsafe [Self.range(needle), Self.range(chunk)]
    defer {
      unsafe Self.release(needle)
      unsafe Self.release(chunk)
    }
    let memory = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
    guard memory >= 0 else { throw CocoaError(.fileReadNoPermission) }
    defer { close(memory) }
    var found: Set<UInt> = []
    for region in try Self.regions() {
      var address = region.lowerBound
      while address < region.upperBound {
        let size = min(region.upperBound - address, 1 << 20)
        let read = unsafe pread(memory, chunk.baseAddress, Int(size), Int(bitPattern: address))
        guard read > 0 else { break }
        unsafe Self.search(chunk, Int(read), needle) { found.insert(address + UInt($0)) }
        // A hit may lie across the border of two pieces.
        address += max(UInt(read) - (size == 1 << 20 ? UInt(needle.count) : 0), 1)
      }
    }
    return found.count { hit in !own.contains { $0.contains(hit) } }
  }

  private static func range(_ buffer: UnsafeMutableRawBufferPointer) -> Range<UInt> {
    let start = UInt(bitPattern: buffer.baseAddress)
    return start..<(start + UInt(buffer.count))
  }

  private static func release(_ buffer: UnsafeMutableRawBufferPointer) {
    for index in buffer.indices { unsafe buffer[index] = 0 }
    unsafe buffer.deallocate()
  }

  private static func search(
    _ chunk: UnsafeMutableRawBufferPointer, _ count: Int, _ needle: UnsafeMutableRawBufferPointer,
    _ found: (Int) -> Void
  ) {
    guard let base = chunk.baseAddress, let sought = needle.baseAddress else { return }
    var offset = 0
    while offset + needle.count <= count {
      let last = count - needle.count + 1
      guard let hit = unsafe memchr(base + offset, Int32(needle[0]), last - offset) else { return }
      let place = unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(base)
      if unsafe memcmp(hit, sought, needle.count) == 0 { found(place) }
      offset = place + 1
    }
  }

  /// The regions that can be read and written.
  private static func regions() throws -> [Range<UInt>] {
    try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n")
      .compactMap { line in
        let words = line.split(separator: " ")
        guard words.count >= 2, words[1].hasPrefix("rw"), words.last?.hasPrefix("[v") != true else {
          return nil
        }
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
      }
  }
}
