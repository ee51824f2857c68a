import Core
package enum SimulatorPlaceholder {}
