package rules

func inserted(kernelChain string) Hook {
	return Hook{Chain: kernelChain, Inserted: []Rule{{Action: jump("cali-" + kernelChain)}}}
}

// forwardHook has at its end what lets packets pass that policy accepted.
func forwardHook() Hook {
	hook := inserted("FORWARD")
	hook.Append = []Rule{
		{Comments: []string{"Policy explicitly accepted packet."}, Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
		{Action: setMark(MarkAccept)},
	}
	return hook
}

// natPostroutingHook comes after the masquerading of kube-proxy.
func natPostroutingHook() Hook {
	return Hook{Chain: "POSTROUTING", Append: []Rule{{Action: jump("cali-POSTROUTING")}}}
}
