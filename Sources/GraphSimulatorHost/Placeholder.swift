import NIOCore
import NIOPosix
import NIOHTTP1
package enum HostPlaceholder {}
