package rules

import "fmt"

// Mark bits as Felix hands them out of the mask 0xffff0000 since v3.30.
const (
	MarkAccept   = 0x10000
	MarkPass     = 0x20000
	MarkDrop     = 0x40000
	MarkScratch0 = 0x80000
	MarkScratch1 = 0x100000

	marksOfAPacket = MarkAccept | MarkPass | MarkScratch0 | MarkScratch1
)

// hex spells a mark as Felix does: zero has no 0x.
func hex(mark uint32) string {
	if mark == 0 {
		return "0"
	}
	return fmt.Sprintf("%#x", mark)
}

func markSet(bit uint32) string    { return "-m mark --mark " + hex(bit) + "/" + hex(bit) }
func markClear(bits uint32) string { return "-m mark --mark 0/" + hex(bits) }
func markNotClear(bits uint32) string {
	return "-m mark ! --mark 0/" + hex(bits)
}

func setMark(bit uint32) string { return setMaskedMark(bit, bit) }
func setMaskedMark(bits, mask uint32) string {
	return "--jump MARK --set-mark " + hex(bits) + "/" + hex(mask)
}
func clearMark(bits uint32) string { return setMaskedMark(0, bits) }

func jump(target string) string { return "--jump " + target }
func goTo(chain string) string  { return "--goto " + chain }

func in(device string) string  { return "--in-interface " + device }
func out(device string) string { return "--out-interface " + device }

func setMatch(name, direction string) string { return "-m set --match-set " + name + " " + direction }
func setNotMatch(name, direction string) string {
	return "-m set ! --match-set " + name + " " + direction
}

func match(parts ...string) []string { return parts }
