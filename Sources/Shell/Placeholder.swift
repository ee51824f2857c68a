import Core
import CFuse3
import CCurl
import CYAML
import Crypto
import GRDB
import Logging
package enum ShellPlaceholder {}
