package ipip

import (
	"net/netip"
	"strings"
	"testing"
)

const table = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0100FA0A	0003	0	0	0	00000000	0	0	0
tunl0	0000F40A	0D00FA0A	0003	0	0	0	0000FFFF	0	0	0
tunl0	0002F40A	0C00FA0A	0003	0	0	0	C0FFFFFF	0	0	0
tunl0	4002F40A	00000000	0001	0	0	0	C0FFFFFF	0	0	0
*	0001F40A	00000000	0001	0	0	0	C0FFFFFF	0	0	0
`

func TestGatewayIsOfTheMostSpecificRouteThroughTheDevice(t *testing.T) {
	for destination, want := range map[string]string{
		"10.244.2.7":  "10.250.0.12",
		"10.244.9.9":  "10.250.0.13",
		"10.244.2.70": "10.250.0.13", // the more specific one has no gateway
		"172.16.0.1":  "",
	} {
		got, ok := Gateway(strings.NewReader(table), "tunl0", netip.MustParseAddr(destination))
		if ok != (want != "") || (ok && got.String() != want) {
			t.Errorf("%s via %s %v, want %q", destination, got, ok, want)
		}
	}
}

func TestWhatIsNoWholeIPv4PacketIsDropped(t *testing.T) {
	inner := append([]byte{0x45, 0, 0, 20, 0, 0, 0, 0, 64, 1, 0, 0, 10, 244, 1, 5}, 10, 244, 2, 7)
	outer := append([]byte{0x46, 0, 0, 44, 0, 0, 0, 0, 64, 4, 0, 0, 10, 250, 0, 11, 10, 250, 0, 12, 1, 1, 1, 1}, inner...)
	if got, ok := Inner(outer); !ok || string(got) != string(inner) {
		t.Errorf("inner: %v %v", got, ok)
	}
	if got, ok := Destination(inner); !ok || got.String() != "10.244.2.7" {
		t.Errorf("destination: %v %v", got, ok)
	}
	for length := range len(outer) {
		if _, ok := Inner(outer[:length]); ok {
			t.Errorf("the first %d bytes pass", length)
		}
	}
	if _, ok := Destination(append([]byte{0x60}, inner[1:]...)); ok {
		t.Error("IPv6 passes")
	}
}
