package kubecontrollers

import (
	"reflect"
	"testing"
)

func TestSettings(t *testing.T) {
	read := func(values map[string]string) (settings, error) {
		return readSettings(func(name string) (string, bool) { value, set := values[name]; return value, set })
	}
	got, err := read(map[string]string{"ENABLED_CONTROLLERS": "policy, profile", "RECONCILER_PERIOD": "0"})
	if err != nil || !reflect.DeepEqual(got.enabled, []string{"policy", "namespace"}) || got.reconcilerPeriod != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := read(map[string]string{"ENABLED_CONTROLLERS": "typo"}); err == nil || err.Error() != "Invalid controller 'typo' provided." {
		t.Errorf("error %v", err)
	}
}
