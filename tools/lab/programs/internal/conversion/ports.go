package conversion

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/intstr"
)

type portRange struct{ first, last int }

// joinPorts puts named ports first, then the numbered ones in order with neighbours joined into
// ranges. A single port stays as it is.
func joinPorts(ports []intstr.IntOrString) []intstr.IntOrString {
	var joined []intstr.IntOrString
	var ranges []portRange
	for _, port := range ports {
		if numbered, ok := rangeOf(port); ok {
			ranges = append(ranges, numbered)
		} else {
			joined = append(joined, port)
		}
	}
	sort.Slice(ranges, func(i, j int) bool { return ranges[i].first < ranges[j].first })
	for i := 0; i < len(ranges); {
		whole := ranges[i]
		for i++; i < len(ranges) && ranges[i].first <= whole.last+1; i++ {
			whole.last = max(whole.last, ranges[i].last)
		}
		if whole.first == whole.last {
			joined = append(joined, intstr.FromInt32(int32(whole.first)))
		} else {
			joined = append(joined, intstr.FromString(fmt.Sprintf("%d:%d", whole.first, whole.last)))
		}
	}
	return joined
}

func rangeOf(port intstr.IntOrString) (portRange, bool) {
	if port.Type == intstr.Int {
		return portRange{port.IntValue(), port.IntValue()}, true
	}
	lower, upper, _ := strings.Cut(port.StrVal, ":")
	first, errFirst := strconv.Atoi(lower)
	last, errLast := strconv.Atoi(upper)
	return portRange{first, last}, errFirst == nil && errLast == nil
}
